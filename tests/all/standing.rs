//! A cause that stands, such as a wrong key, is not asked for again, and no task that does
//! without it has to pay.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};

use crate::played_api::{Answer, Delivery, Gate, PlayedApi, Received};
use crate::support::{Bench, Report, plugin};

const ANSWER: &str = include_str!("../api/glm-answer.json");
const PATH: &str = "/v1/chat/completions";
const TASKS: usize = 60;
/// What a wrong key may cost the service.
const MOST: usize = 6;
const NOTICES: &str = "out/logs/notices.jsonl";

fn agent(name: &str, api: &PlayedApi, more: &str) -> String {
    format!(
        "  {name}:\n    plugin: {:?}\n    settings: {{ url: {:?}, model: m }}\n{more}",
        plugin("llm"),
        api.url(PATH),
    )
}

fn granted(upstreams: &str) -> String {
    format!("    grants: {{ upstreams: [{upstreams}] }}\n")
}

/// An upstream that is asked with the key in a file.
fn upstream(name: &str, api: &PlayedApi, key: &str) -> String {
    format!(
        "  {name}:\n    address: {:?}\n    network: loopback\n    headers: {{ authorization: {{ secret: {{ file: {key} }}, prefix: \"Bearer \" }} }}\n",
        api.origin(),
    )
}

fn bench(agents: &[String], upstreams: &[String]) -> Bench {
    let (agents, upstreams) = (agents.concat(), upstreams.concat());
    let bench = Bench::with_config(&format!("agents:\n{agents}upstreams:\n{upstreams}"));
    bench.write("wrong", "sk-wrong-key-0123456789\n");
    bench.write("right", "sk-right-key-0123456789\n");
    bench
}

fn tasks(agent: &str, count: usize) -> String {
    let task = |n| format!("- {{ id: {agent}-{n:02}, agent: {agent}, input: {{ text: x }} }}\n");
    (0..count).map(task).collect()
}

/// Answers who asks with the right key.
fn keyed(status: u16) -> PlayedApi {
    PlayedApi::answering(move |request: &Received| {
        let is_right = request.header("authorization") == Some("Bearer sk-right-key-0123456789");
        Some(match is_right {
            true => Answer::json(200, ANSWER),
            false => Answer::json(status, "{}"),
        })
    })
}

/// The notices about anything but the end of the session, as texts.
fn notices(bench: &Bench) -> Vec<String> {
    let log = std::fs::read_to_string(bench.path(NOTICES)).unwrap_or_default();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    lines
        .filter(|notice: &serde_json::Value| notice["counts"].is_null())
        .map(|notice| notice["text"].as_str().unwrap().to_owned())
        .collect()
}

fn attempts(report: &Report) -> usize {
    let of = |task: &serde_json::Value| task["attempts"].as_array().unwrap().len();
    report.tasks().iter().map(of).sum()
}

fn having<'a>(report: &'a Report, agent: &'a str, code: &'a str) -> usize {
    let of = |task: &&serde_json::Value| {
        task["agent"] == agent && report.code(task["id"].as_str().unwrap()) == code
    };
    report.tasks().iter().filter(of).count()
}

#[test]
fn a_wrong_key_costs_the_service_six_requests_at_most_and_the_person_one_message() {
    for (status, code) in [(401, "api.auth"), (403, "api.auth"), (402, "api.billing")] {
        let api = keyed(status);
        let bench = bench(
            &[agent("writer", &api, &granted("llm"))],
            &[upstream("llm", &api, "wrong")],
        );
        let ended = bench.session(&tasks("writer", TASKS), "out").expect(1);
        let (asked, report) = (api.received().len(), bench.report("out"));
        assert!((2..=MOST).contains(&asked), "{status}: {asked} requests");
        assert_eq!(having(&report, "writer", code), TASKS);
        let messages: std::collections::BTreeSet<_> = report
            .tasks()
            .iter()
            .map(|task| task["failure"]["message"].to_string())
            .collect();
        assert_eq!(messages.len(), 1, "{messages:?}");
        let told = notices(&bench);
        assert_eq!(told.len(), 1, "{told:#?}\n{}", ended.stderr);
        assert!(told[0].contains("llm"), "{told:?}");
        assert_eq!(ended.stdout.matches(code).count(), 1, "{}", ended.stdout);
        let again = report.0["recovery"].to_string().matches("--retry-failed").count();
        assert_eq!(again, 1, "{}", report.0["recovery"]);
    }
}

#[test]
fn one_after_the_other_two_requests_are_sent_and_the_rest_is_refused() {
    let api = keyed(401);
    let bench = bench(
        &[agent("writer", &api, &granted("llm"))],
        &[upstream("llm", &api, "wrong")],
    );
    bench.write(
        "session.yaml",
        format!("session: test\ntasks:\n{}", tasks("writer", TASKS)),
    );
    bench
        .fusebox(&["run", "session.yaml", "--out", "out", "--max-parallel", "1"])
        .expect(1);
    let report = bench.report("out");
    assert_eq!((api.received().len(), attempts(&report)), (2, TASKS));
    let unasked = &report.task("writer-59")["failure"];
    let since = unasked["context"].to_string();
    assert!(since.contains("writer-00, writer-01"), "{unasked}");
    // What is mended is tried again, and a resumed session begins anew.
    bench.write("wrong", "sk-right-key-0123456789\n");
    bench.fusebox(&["resume", "out", "--retry-failed"]).expect(0);
    assert_eq!(api.received().len(), 2 + TASKS);
}

#[test]
fn without_a_secret_that_is_shared_nothing_stands() {
    let api = keyed(401);
    let open = format!("  llm: {{ address: {:?}, network: loopback }}\n", api.origin());
    let bench = bench(&[agent("writer", &api, &granted("llm"))], &[open]);
    bench.session(&tasks("writer", 20), "out").expect(1);
    assert_eq!(api.received().len(), 20);
}

#[test]
fn a_missing_grant_is_told_once_and_costs_its_neighbours_nothing() {
    let api = keyed(401);
    let lacks = granted("");
    let bench = bench(
        &[agent("lacks", &api, &lacks), agent("has", &api, &granted("llm"))],
        &[upstream("llm", &api, "right")],
    );
    let all = tasks("lacks", TASKS) + &tasks("has", 20);
    bench.write("session.yaml", format!("session: test\ntasks:\n{all}"));
    bench
        .fusebox(&["run", "session.yaml", "--out", "out", "--max-parallel", "4"])
        .expect(3);
    let report = bench.report("out");
    assert_eq!(having(&report, "lacks", "denied.upstream"), TASKS);
    assert_eq!(having(&report, "has", "none"), 20);
    let told = notices(&bench);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("instance lacks/default"), "{told:?}");
}

#[test]
fn an_instance_without_a_grant_leaves_the_work_to_the_one_that_has_it() {
    let api = keyed(401);
    let pool = "    instances:\n      lacks: {}\n      has: { grants: { upstreams: [llm] } }\n";
    let bench = bench(&[agent("writer", &api, pool)], &[upstream("llm", &api, "right")]);
    bench.write(
        "session.yaml",
        format!("session: test\ntasks:\n{}", tasks("writer", TASKS)),
    );
    bench
        .fusebox(&["run", "session.yaml", "--out", "out", "--max-parallel", "4"])
        .expect(3);
    let denied = having(&bench.report("out"), "writer", "denied.upstream");
    assert!((2..=8).contains(&denied), "{denied} tasks failed");
}

#[test]
fn two_forbidden_documents_among_others_are_no_wrong_key() {
    let api = PlayedApi::answering(|request: &Received| {
        let is_forbidden = String::from_utf8_lossy(&request.body).contains("forbidden");
        Some(match is_forbidden {
            true => Answer::json(403, "{}"),
            false => Answer::json(200, ANSWER),
        })
    });
    let bench = bench(
        &[agent("writer", &api, &granted("llm"))],
        &[upstream("llm", &api, "right")],
    );
    let forbidden: String = (0..2)
        .map(|n| format!("- {{ id: f{n}, agent: writer, input: {{ text: forbidden }} }}\n"))
        .collect();
    bench
        .session(&(forbidden + &tasks("writer", TASKS - 2)), "out")
        .expect(3);
    let report = bench.report("out");
    assert_eq!(having(&report, "writer", "api.auth"), 2);
    assert_eq!(having(&report, "writer", "none"), TASKS - 2);
    assert_eq!(notices(&bench), [""; 0]);
}

/// Whatever one agent asks for that no key opens.
#[test]
fn what_one_agent_may_not_have_costs_another_nothing() {
    let api = PlayedApi::answering(|request: &Received| {
        let status = if request.path == PATH { 401 } else { 200 };
        Some(Answer::json(status, ANSWER))
    });
    let other = agent("other", &api, &granted("llm")).replace(PATH, "/public");
    let bench = bench(
        &[agent("writer", &api, &granted("llm")), other],
        &[upstream("llm", &api, "right")],
    );
    bench
        .session(&(tasks("writer", 20) + &tasks("other", 20)), "out")
        .expect(3);
    let report = bench.report("out");
    assert_eq!(having(&report, "writer", "api.auth"), 20);
    assert_eq!(having(&report, "other", "none"), 20);
    assert!(api.received().len() <= 20 + MOST);
}

/// Whatever the others were denied.
#[test]
fn a_task_that_does_not_need_what_was_denied_has_its_result() {
    let api = keyed(401);
    let script = format!(
        "  script:\n    plugin: {:?}\n    grants: {{ upstreams: [llm] }}\n    breaker: {{ mode: \"off\" }}\n",
        plugin("script")
    );
    let bench = bench(&[script], &[upstream("llm", &api, "wrong")]);
    let asks = |url: String| format!("[{{ \"post\": {{ \"url\": {url:?}, \"then\": \"escape\" }} }}]");
    let all: String = (0..20)
        .map(|n| {
            let steps = match n % 4 {
                3 => "[]".to_owned(),
                2 => asks("http://elsewhere.example/".into()),
                _ => asks(api.url(PATH)),
            };
            format!("- {{ id: t{n}, agent: script, input: {{ json: {steps} }} }}\n")
        })
        .collect();
    bench.session(&all, "out").expect(3);
    let report = bench.report("out");
    for (code, tasks) in [("none", 5), ("denied.upstream", 5), ("api.auth", 10)] {
        assert_eq!(having(&report, "script", code), tasks, "{code}");
    }
    assert!(api.received().len() <= MOST);
}

#[test]
fn an_agent_goes_on_with_the_other_of_its_two_upstreams() {
    let (wrong, right) = (keyed(401), keyed(401));
    let bench = bench(
        &[agent("writer", &wrong, &granted("wrong, right"))],
        &[
            upstream("wrong", &wrong, "wrong"),
            upstream("right", &right, "right"),
        ],
    );
    let url = right.url(PATH);
    let to_right: String = (0..30)
        .map(|n| {
            format!("- {{ id: r{n}, agent: writer, settings: {{ url: {url:?} }}, input: {{ text: x }} }}\n")
        })
        .collect();
    bench.session(&(tasks("writer", 30) + &to_right), "out").expect(3);
    let report = bench.report("out");
    assert_eq!(having(&report, "writer", "api.auth"), 30);
    assert_eq!(having(&report, "writer", "none"), 30);
    assert!(wrong.received().len() <= MOST, "{}", wrong.received().len());
    assert_eq!(right.received().len(), 30);
}

#[test]
fn another_agent_takes_over_what_is_not_asked() {
    let (wrong, right) = (keyed(401), keyed(401));
    let chain = granted("wrong") + "    degradation: { fallback: [{ agent: other }] }\n";
    let bench = bench(
        &[
            agent("writer", &wrong, &chain),
            agent("other", &right, &granted("right")),
        ],
        &[
            upstream("wrong", &wrong, "wrong"),
            upstream("right", &right, "right"),
        ],
    );
    bench.session(&tasks("writer", TASKS), "out").expect(3);
    let report = bench.report("out");
    let stood_in = |task: &&serde_json::Value| task["fallback"] == "agent:other";
    assert_eq!(report.tasks().iter().filter(stood_in).count(), TASKS);
    assert!(wrong.received().len() <= MOST, "{}", wrong.received().len());
    assert_eq!(right.received().len(), TASKS);
}

/// Reads what a session says until it says this.
fn wait_for(said: &mut impl BufRead, words: &str) {
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "`{words}` was never said");
    }
}

#[test]
fn a_key_that_is_mended_under_way_is_tried_again() {
    let (api, (gate, opener)) = (keyed(401), Gate::closed());
    let held = PlayedApi::answering(move |_| {
        Some(Answer::json(200, ANSWER).delivered(Delivery::Held(gate.clone())))
    });
    let agents = [
        agent("writer", &api, &granted("llm")),
        agent("slow", &held, &granted("held")),
    ];
    let at_held = upstream("held", &held, "right");
    let bench = bench(&agents, &[upstream("llm", &api, "wrong"), at_held.clone()]);
    let later: String = (0..10)
        .map(|n| format!("- {{ id: later-{n}, agent: writer, input: {{ text: x }}, after: [slow-00] }}\n"))
        .collect();
    let all = tasks("writer", 10) + &tasks("slow", 1) + &later;
    bench.write("session.yaml", format!("session: test\ntasks:\n{all}"));
    let mut running: Child = bench
        .command(&["run", "session.yaml", "--out", "out"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(running.stderr.take().unwrap());
    wait_for(&mut said, "is not asked");
    let mended = format!(
        "agents:\n{}upstreams:\n{}{at_held}",
        agents.concat(),
        upstream("llm", &api, "right")
    );
    bench.write("fusebox.yaml.new", mended);
    std::fs::rename(bench.path("fusebox.yaml.new"), bench.path("fusebox.yaml")).unwrap();
    wait_for(&mut said, "in force");
    drop(opener);
    said.read_to_string(&mut String::new()).unwrap();
    assert_eq!(running.wait().unwrap().code(), Some(3));
    let report = bench.report("out");
    assert_eq!(having(&report, "writer", "api.auth"), 10);
    assert_eq!(having(&report, "writer", "none"), 10);
}
