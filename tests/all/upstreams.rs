//! Upstreams: what a plugin can reach over HTTP, and what the host does on the
//! way with no code of the plugin's.

use serde_json::{Value, json};

use crate::played_api::{Answer, Delivery, Gate, PlayedApi};
use crate::support::{Bench, Report, plugin};

const ANSWER: &str = include_str!("../api/glm-answer.json");
const THROTTLED: &str = include_str!("../api/glm-1302.json");
const PATH: &str = "/v1/chat/completions";

/// A configuration with an agent `writer` that calls a played API.
fn config(api: &PlayedApi, agent: &str, upstream: &str) -> String {
    format!(
        "session: {{ max_parallel: 1 }}\nagents:\n  writer:\n    plugin: {:?}\n    settings: {{ url: {:?}, model: m }}\n    \
         grants: {{ upstreams: [api] }}\n    retry: {{ strategy: fixed, base: 1ms, jitter: none }}\n{agent}\
         upstreams:\n  api:\n    address: {:?}\n    network: loopback\n{upstream}",
        plugin("llm"),
        api.url(PATH),
        api.origin(),
    )
}

fn tasks(count: u32) -> String {
    (0..count)
        .map(|n| format!("- {{ id: t{n}, agent: writer, input: {{ text: x }} }}\n"))
        .collect()
}

fn run(script: Vec<Answer>, agent: &str, upstream: &str, count: u32, code: i32) -> (PlayedApi, Report) {
    let api = PlayedApi::start(script);
    let bench = Bench::with_config(&config(&api, agent, upstream));
    bench.session(&tasks(count), "out").expect(code);
    let report = bench.report("out");
    (api, report)
}

fn ok() -> Answer {
    Answer::json(200, ANSWER)
}

fn times(count: usize, answer: impl Fn() -> Answer) -> Vec<Answer> {
    (0..count).map(|_| answer()).collect()
}

#[test]
fn a_granted_upstream_is_called_with_a_secret_that_the_plugin_never_sees() {
    let api = PlayedApi::start(vec![ok()]);
    let upstream = "    headers:\n      authorization: { secret: { file: key }, prefix: \"Bearer \" }\n";
    let bench = Bench::with_config(&config(&api, "", upstream));
    bench.write("key", "sk-0123456789abcdef\n");
    bench.session(&tasks(1), "out").expect(0);
    let received = api.received();
    assert_eq!(received.len(), 1);
    assert_eq!(
        received[0].header("authorization"),
        Some("Bearer sk-0123456789abcdef")
    );
    assert_eq!(
        (received[0].method.as_str(), received[0].path.as_str()),
        ("POST", PATH)
    );
    let report = std::fs::read_to_string(bench.path("out/report.json")).unwrap();
    assert!(!report.contains("sk-0123456789abcdef"));
}

#[test]
fn what_was_not_granted_is_denied_with_the_grant_to_add_and_nothing_is_sent() {
    let api = PlayedApi::start(vec![ok()]);
    let rows = [
        (
            "",
            "    paths: [/v2/*]\n",
            "denied.request",
            "upstreams.api.paths",
        ),
        (
            "",
            "    methods: [GET]\n",
            "denied.request",
            "upstreams.api.methods",
        ),
        (
            "    grants: { upstreams: [] }\n",
            "",
            "denied.upstream",
            "agents.writer.grants.upstreams",
        ),
    ];
    for (agent, upstream, code, advice) in rows {
        let mut config = config(&api, "", upstream);
        if !agent.is_empty() {
            config = config.replace("    grants: { upstreams: [api] }\n", agent);
        }
        let bench = Bench::with_config(&config);
        bench.session(&tasks(1), "out").expect(1);
        let report = bench.report("out");
        let failure = &report.task("t0")["failure"];
        assert_eq!(failure["code"], code, "{failure}");
        assert_eq!(failure["blame"], "operator");
        assert!(failure["message"].as_str().unwrap().contains(advice), "{failure}");
        assert_eq!(report.task("t0")["attempts"].as_array().unwrap().len(), 1);
    }
    assert_eq!(api.connections(), 0);
}

/// Every spelling of an inner address, and a name that leads to one.
#[test]
fn inner_addresses_in_all_spellings_are_denied_and_nothing_is_sent() {
    let api = PlayedApi::start(vec![ok()]);
    let port = api.address().port();
    let hosts = [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0177.0.0.1",
        "0x7f000001",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "[fe80::1]",
        "0.0.0.0",
        "10.0.0.1",
    ];
    for host in hosts {
        let url = format!("http://{host}:{port}{PATH}");
        // Asked for by the guest, and configured by nobody.
        let bench = Bench::with_config(&format!(
            "agents:\n  writer:\n    plugin: {:?}\n    settings: {{ url: {url:?}, model: m }}\n",
            plugin("llm")
        ));
        bench.session(&tasks(1), "out").expect(1);
        let report = bench.report("out");
        let failure = &report.task("t0")["failure"];
        assert_eq!(failure["code"], "denied.upstream", "{host}: {failure}");
        assert!(
            failure["message"].as_str().unwrap().contains("grants.upstreams"),
            "{failure}"
        );
    }
    assert_eq!(api.connections(), 0);
}

#[test]
fn an_upstream_whose_name_leads_inside_is_not_called_unless_it_may() {
    let api = PlayedApi::start(vec![ok()]);
    let named = config(&api, "", "")
        .replace("    network: loopback\n", "")
        .replace("127.0.0.1", "inside.localhost");
    let bench = Bench::with_config(&named);
    bench.session(&tasks(1), "out").expect(1);
    let report = bench.report("out");
    let code = report.code("t0").to_owned();
    // Where the system's resolver knows no such names, it leads nowhere.
    let expected = ["denied.address", "http.unknown-host", "http.dns"];
    assert!(expected.contains(&code.as_str()), "{code}");
    assert_eq!(api.connections(), 0);
}

#[test]
fn a_redirect_is_the_guests_to_follow_and_its_next_request_is_checked() {
    let redirect = Answer::new(302, "text/plain", "").header("location", "http://169.254.169.254/latest/");
    let (api, report) = run(vec![redirect], "    policy: { retry: built-in }\n", "", 1, 1);
    let first = &report.task("t0")["attempts"][0]["failure"];
    assert_eq!(first["code"], "http.redirect", "{first}");
    // It went to the API that was granted.
    assert_eq!(api.connections(), 1);
}

#[test]
fn a_throttled_request_is_tried_again_after_the_wait_that_the_upstream_asks_for() {
    let throttled = || Answer::json(429, THROTTLED).header("retry-after", "1");
    let script = vec![throttled(), ok()];
    let (api, report) = run(script, "", "    dialect: glm\n", 1, 0);
    assert_eq!(api.connections(), 2);
    let attempts = report.task("t0")["attempts"].as_array().unwrap().clone();
    assert_eq!(attempts.len(), 2);
    let failure = &attempts[0]["failure"];
    assert_eq!(
        (&failure["code"], &failure["blame"]),
        (&json!("api.throttled"), &json!("upstream"))
    );
    assert_eq!(failure["retry_after_ms"], 1000);
    assert!(
        failure["context"]
            .as_array()
            .unwrap()
            .contains(&json!(["upstream_code", "1302"])),
        "{failure}"
    );
    assert!(attempts[1]["delay_before_ms"].as_f64().unwrap() >= 1000.0);
}

#[test]
fn faults_of_an_upstream_have_their_codes_and_are_no_fault_of_the_agent() {
    let (held, _opener) = Gate::closed();
    let body = ANSWER.len();
    let rows: Vec<(Answer, &str)> = vec![
        (Answer::json(503, "{}"), "api.overloaded"),
        (Answer::json(500, "{}"), "http.server-error"),
        (Answer::json(401, "{}"), "api.auth"),
        (
            Answer::json(200, include_str!("../api/glm-1113.json")),
            "api.billing",
        ),
        (ok().delivered(Delivery::HangUp), "http.reset"),
        (ok().delivered(Delivery::Reset(body / 2)), "http.broken-body"),
        (ok().delivered(Delivery::Cut(body / 2)), "http.broken-body"),
        (ok().delivered(Delivery::Held(held)), "http.timeout"),
    ];
    for (answer, code) in rows {
        let agent = "    breaker: { failure_threshold: 1 }\n";
        let upstream =
            "    dialect: glm\n    timeouts: { first_byte: 300ms }\n    breaker: { mode: \"off\" }\n";
        let (_api, report) = run(vec![answer], agent, upstream, 1, 1);
        let failure = &report.task("t0")["attempts"][0]["failure"];
        assert_eq!(failure["code"], code, "{failure}");
        let blame = if code == "api.auth" {
            "operator"
        } else {
            "upstream"
        };
        assert_eq!(failure["blame"], blame, "{failure}");
        // One failure that counts would have opened the agent's breaker.
        assert_eq!(report.0["breakers"], json!([]), "{code}");
    }
}

#[test]
fn a_body_over_its_limit_is_refused() {
    let big = format!("{{\"x\": \"{}\"}}", "y".repeat(200_000));
    let (_api, report) = run(
        vec![Answer::json(200, big)],
        "",
        "    limits: { response: 64KiB }\n",
        1,
        1,
    );
    assert_eq!(report.code("t0"), "limit.http-response");
}

/// Five failures open the breaker; the tasks after that are refused and the
/// upstream hears nothing of them.
#[test]
fn an_upstream_that_is_down_sees_no_more_than_it_takes_to_open_its_circuit() {
    let script = times(30, || Answer::json(500, "{}"));
    let agent = "    limits: { deadline: 5s }\n";
    let upstream = "    breaker: { failure_threshold: 5, open_time: 1m, max_open_time: 1m, hold: 0ms }\n";
    let (api, report) = run(script, agent, upstream, 30, 1);
    assert_eq!(api.connections(), 5);
    let breakers = report.0["breakers"].as_array().unwrap();
    assert_eq!(breakers[0]["key"], "upstream:api");
    assert_eq!(breakers[0]["state"], "open");
    let last = report.task("t29");
    assert_eq!(report.code("t29"), "shed.breaker");
    assert_eq!(last["reason"], "breaker-open");
    assert_eq!(
        last["attempts"],
        json!([]),
        "no sandbox is made for what is known"
    );
}

#[test]
fn a_quota_holds_over_runs_and_says_when_there_is_room_again() {
    let api = PlayedApi::start(times(12, ok));
    let quota = "    limits: { quotas: [{ requests: 10, window: 5h }] }\n";
    let bench = Bench::with_config(&config(&api, "", quota));
    let first = bench.session(&tasks(6), "one").expect(0);
    assert!(!first.stderr.contains("quota"), "{}", first.stderr);
    let second = bench.session(&tasks(6), "two").expect(75);
    for percent in [80, 90, 95] {
        let said = second
            .stderr
            .matches(&format!("{percent} % of the quota"))
            .count();
        assert!(said <= 1, "{}", second.stderr);
    }
    assert!(
        second
            .stderr
            .contains("80 % of the quota is used up: 8 of 10 requests in 5h"),
        "{}",
        second.stderr
    );
    let report = bench.report("two");
    assert_eq!(report.0["counts"]["succeeded"], 4);
    let refused: Vec<&Value> = report
        .tasks()
        .iter()
        .filter(|task| task["status"] == "held")
        .collect();
    assert_eq!(refused.len(), 2);
    for task in refused {
        let failure = &task["failure"];
        assert_eq!(failure["code"], "shed.quota");
        assert!(
            failure["retry_after_ms"].as_u64().unwrap() > 4 * 3_600_000,
            "{failure}"
        );
        assert!(
            failure["message"]
                .as_str()
                .unwrap()
                .contains("the quota of 10 requests in 5h is used up until")
        );
    }
    assert_eq!(api.connections(), 10);
    assert_eq!(report.0["quotas"][0]["percent"], 80);
}

/// One that never gets an answer has its part; the other has its own.
#[test]
fn an_agent_cannot_spend_its_neighbours_part_of_a_quota() {
    let api = PlayedApi::start(times(14, ok));
    let other = format!(
        "  other:\n    plugin: {:?}\n    settings: {{ url: {:?}, model: m }}\n    grants: {{ upstreams: [api] }}\n",
        plugin("llm"),
        api.url(PATH)
    );
    let quota = "    limits: { quotas: [{ requests: 8, window: 5h }] }\n";
    let bench = Bench::with_config(&config(&api, &other, quota));
    let others: String = (0..4)
        .map(|n| format!("- {{ id: o{n}, agent: other, input: {{ text: x }} }}\n"))
        .collect();
    bench.session(&format!("{}{others}", tasks(10)), "out").expect(75);
    let report = bench.report("out");
    let done = |prefix: &str| {
        let mine = report
            .tasks()
            .iter()
            .filter(|task| task["id"].as_str().unwrap().starts_with(prefix));
        mine.filter(|task| task["status"] == "succeeded").count()
    };
    assert_eq!((done("t"), done("o")), (4, 4));
}

/// The third attempt comes when the open time is over, and is the probe.
#[test]
fn an_upstream_that_is_back_is_found_out_within_one_open_time() {
    let down = || Answer::json(500, "{}");
    let script = vec![down(), down(), ok()];
    let agent = "    policy: { retry: built-in }\n";
    let upstream =
        "    breaker: { failure_threshold: 2, success_threshold: 1, open_time: 200ms, open_jitter: 0% }\n";
    let api = PlayedApi::start(script);
    let config = config(&api, agent, upstream).replace("base: 1ms", "base: 250ms");
    let bench = Bench::with_config(&config);
    bench.session(&tasks(1), "out").expect(0);
    let report = bench.report("out");
    assert_eq!(report.task("t0")["attempts"].as_array().unwrap().len(), 3);
    assert_eq!(api.connections(), 3);
    let breaker = &report.0["breakers"][0];
    assert_eq!(
        (&breaker["state"], &breaker["cause"]),
        (&json!("closed"), &json!("probes-succeeded"))
    );
}

/// The one's own way to the upstream is closed, and not that of the other.
#[test]
fn five_requests_of_one_agent_for_a_path_that_answers_500_refuse_nobody_else() {
    let api = PlayedApi::answering(|request| {
        Some(match request.path.as_str() {
            "/v1/nothing" => Answer::json(500, "{}"),
            _ => ok(),
        })
    });
    let bad = format!(
        "    policy: {{ retry: built-in }}\n  bad:\n    plugin: {:?}\n    settings: {{ url: {:?}, model: m }}\n    \
         grants: {{ upstreams: [api] }}\n    retry: {{ max_attempts: 1 }}\n",
        plugin("llm"),
        api.url("/v1/nothing"),
    );
    let bench = Bench::with_config(&config(&api, &bad, ""));
    let of_bad = tasks(5).replace("id: t", "id: b").replace("writer", "bad");
    bench.session(&(of_bad + &tasks(5)), "out").expect(3);
    let report = bench.report("out");
    for n in 0..5 {
        assert_eq!(report.task(&format!("t{n}"))["status"], "succeeded", "{n}");
    }
    assert_eq!(api.connections(), 10);
    let breakers = report.0["breakers"].as_array().unwrap();
    let keys: Vec<_> = breakers.iter().map(|breaker| &breaker["key"]).collect();
    assert_eq!(keys, ["upstream:api@bad"]);
}

/// While it is down, its tasks cost three tenths more requests than there are tasks,
/// and the reserve: not `max_attempts` times as many.
#[test]
fn under_an_outage_retries_stay_within_the_budget_of_the_upstream() {
    let api = PlayedApi::start(times(1500, || Answer::json(500, "{}")));
    let upstream = "    breaker: { mode: \"off\" }\n";
    let config = config(&api, "", upstream).replace("max_parallel: 1", "max_parallel: 4");
    let bench = Bench::with_config(&config);
    bench.session(&tasks(300), "out").expect(1);
    let report = bench.report("out");
    let attempts: usize = report
        .tasks()
        .iter()
        .map(|task| task["attempts"].as_array().unwrap().len())
        .sum();
    assert!(attempts > 350 && attempts <= 300 * 13 / 10 + 10, "{attempts}");
    assert!(api.connections() <= attempts);
    let budget = report
        .tasks()
        .iter()
        .filter(|task| task["reason"] == "budget")
        .count();
    assert!(budget > 200, "{budget}");
}

/// Many wait for a place while the first failures come: none of them is sent
/// once the breaker is open.
#[test]
fn those_who_wait_for_a_place_are_not_sent_once_the_circuit_is_open() {
    let api = PlayedApi::start(times(70, || Answer::json(500, "{}")));
    let upstream =
        "    limits: { in_flight: 2 }\n    breaker: { open_time: 1m, max_open_time: 1m, hold: 0ms }\n";
    let config = config(&api, "", upstream).replace("max_parallel: 1", "max_parallel: 64");
    let bench = Bench::with_config(&config);
    bench.session(&tasks(64), "out").expect(1);
    // Five open it; one more was under way.
    assert!((5..=6).contains(&api.connections()), "{}", api.connections());
}

/// Their own time-out and the body that they drop are their own affair: the
/// breaker of the upstream, which two failures would open, stays closed, and
/// what a neighbour does beside them succeeds.
#[test]
fn guests_that_give_up_after_a_millisecond_or_drop_bodies_move_no_circuit() {
    let (held, _never_opened) = Gate::closed();
    let api = PlayedApi::answering(move |request| match request.path.as_str() {
        "/slow" => Some(ok().delivered(Delivery::Held(held.clone()))),
        "/long" => Some(Answer::new(200, "text/plain", "x".repeat(1 << 20))),
        _ => Some(ok()),
    });
    let rude = |name: &str, path: &str, setting: &str| {
        let (plugin, url) = (plugin("webhook"), api.url(path));
        format!(
            "  {name}:\n    plugin: {plugin:?}\n    settings: {{ url: {url:?}, {setting} }}\n    \
             grants: {{ upstreams: [api] }}\n    breaker: {{ mode: \"off\" }}\n",
        )
    };
    let agents = rude("hasty", "/slow", "timeout_ms: 1") + &rude("picky", "/long", "max_answer_bytes: 1000");
    let upstream =
        "    breaker: { failure_threshold: 2 }\n    limits: { quotas: [{ requests: 30, window: 5h }] }\n";
    let bench = Bench::with_config(&config(&api, &agents, upstream));
    let of = |agent: &str| -> String {
        (0..10)
            .map(|n| format!("- {{ id: {agent}{n}, agent: {agent}, input: {{ text: x }} }}\n"))
            .collect()
    };
    bench
        .session(&(of("hasty") + &of("picky") + &tasks(3)), "out")
        .expect(3);
    let report = bench.report("out");
    for n in 0..10 {
        assert_eq!(report.code(&format!("hasty{n}")), "guest.http.timeout");
        assert_eq!(report.code(&format!("picky{n}")), "guest.http.body-size");
    }
    assert_eq!(report.0["counts"]["succeeded"], 3);
    assert_eq!(report.0["breakers"], json!([]), "{}", report.0["breakers"]);
}
