//! Idempotency keys: what carries one may be sent again.

mod resumed;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::played_api::{Answer, Delivery, PlayedApi};
use crate::support::{Bench, Report, plugin};

const HEADER: &str = "    idempotency_header: Idempotency-Key\n";

/// `notify` says something to the API and is not idempotent; `chaos` sends what
/// its settings say. `more` is for the upstream.
fn bench(api: &PlayedApi, more: &str) -> Bench {
    bench_with(api, more, "")
}

fn bench_with(api: &PlayedApi, more: &str, agents: &str) -> Bench {
    let agent = |name: &str, of: &str, settings: &str| {
        format!(
            "  {name}:\n    plugin: {:?}\n    settings: {{ {settings} }}\n    grants: {{ upstreams: [chat] }}\n    \
             retry: {{ base: 1ms, max_attempts: 3 }}\n    breaker: {{ mode: \"off\" }}\n",
            plugin(of)
        )
    };
    Bench::with_config(&format!(
        "session: {{ max_parallel: 1 }}\nagents:\n{}{}{agents}upstreams:\n  chat:\n    address: {:?}\n    \
         network: loopback\n    breaker: {{ mode: \"off\" }}\n{more}",
        agent("notify", "webhook", &format!("url: {:?}", api.url("/hook"))),
        agent("chaos", "chaos", "mode: requests"),
        api.origin(),
    ))
}

const TOLD: &str = "- { id: told, agent: notify, input: { text: one } }\n";

fn ok() -> Answer {
    Answer::new(200, "text/plain", "library library")
}

fn hangs_up() -> Answer {
    ok().delivered(Delivery::HangUp)
}

/// The keys of the requests that came, in their order.
fn keys(api: &PlayedApi) -> Vec<String> {
    let received = api.received();
    let key = |at: usize| {
        received[at]
            .header("idempotency-key")
            .unwrap_or("none")
            .to_owned()
    };
    (0..received.len()).map(key).collect()
}

fn attempts(report: &Report, task: &str) -> usize {
    report.task(task)["attempts"].as_array().unwrap().len()
}

#[test]
fn what_carries_a_key_is_sent_again_with_the_same() {
    for answer in [
        hangs_up(),
        Answer::json(500, "{}"),
        ok().delivered(Delivery::Cut(3)),
    ] {
        let api = PlayedApi::start(vec![answer, ok()]);
        let bench = bench(&api, HEADER);
        bench.session(TOLD, "out").expect(0);
        let report = bench.report("out");
        assert_eq!(attempts(&report, "told"), 2);
        assert_eq!(report.task("told")["output"]["inline"], "library library");
        let keys = keys(&api);
        assert_eq!(keys[0].len(), 36);
        assert_eq!(keys, [keys[0].clone(), keys[0].clone()]);
    }
}

#[test]
fn what_carries_none_is_not() {
    let api = PlayedApi::start(vec![hangs_up(), ok()]);
    let bench = bench(&api, "");
    bench.session(TOLD, "out").expect(1);
    let report = bench.report("out");
    assert_eq!(
        (report.code("told"), report.task("told")["reason"].as_str()),
        ("http.reset", Some("not-idempotent"))
    );
    assert_eq!(keys(&api), ["none"]);
}

/// Two sessions of two tasks, one of which makes two requests of one kind.
#[test]
fn no_two_requests_have_the_same_key() {
    let api = PlayedApi::answering(|_| Some(ok()));
    let bench = bench(&api, HEADER);
    let url = api.url("/hook");
    let tasks = format!(
        "{TOLD}- {{ id: two, agent: chaos, settings: {{ posts: [{{ url: {url:?} }}, {{ url: {url:?} }}] }}, input: {{ text: x }} }}\n"
    );
    for out in ["one", "two"] {
        bench.session(&tasks, out).expect(0);
    }
    let keys = keys(&api);
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 6, "{keys:?}");
}

/// What the guest was shown, a line for each request.
fn shown(report: &Report, task: &str) -> Vec<String> {
    let echo: Value = serde_json::from_str(report.task(task)["output"]["inline"].as_str().unwrap()).unwrap();
    echo["echo"]
        .as_str()
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

fn chaos(posts: &str) -> String {
    format!("- {{ id: a, agent: chaos, settings: {{ posts: [{posts}] }}, input: {{ text: x }} }}\n")
}

#[test]
fn a_guest_sees_its_keys_and_may_put_another_in_their_place() {
    let api = PlayedApi::answering(|_| Some(ok()));
    let bench = bench(&api, HEADER);
    let url = api.url("/hook");
    let posts = format!("{{ url: {url:?} }}, {{ url: {url:?}, key: mine }}, {{ url: {url:?} }}");
    bench.session(&chaos(&posts), "out").expect(0);
    let (shown, sent) = (shown(&bench.report("out"), "a"), keys(&api));
    assert_eq!([&sent[0], &sent[2]], [&shown[0], &shown[2]]);
    assert_eq!(sent[1], "mine");
    assert_ne!(shown[0], shown[2]);
}

#[test]
fn without_a_header_a_guest_is_shown_no_key() {
    let api = PlayedApi::answering(|_| Some(ok()));
    let bench = bench(&api, "");
    bench
        .session(&chaos(&format!("{{ url: {:?} }}", api.url("/"))), "out")
        .expect(0);
    assert_eq!(shown(&bench.report("out"), "a"), ["none"]);
}

/// Otherwise the second try would be another request, and be carried out too.
#[test]
fn a_request_that_is_tried_again_inside_the_attempt_keeps_its_key() {
    let api = PlayedApi::start(vec![ok(), hangs_up(), ok(), ok()]);
    let bench = bench(&api, HEADER);
    let url = api.url("/hook");
    let posts = format!("{{ url: {url:?} }}, {{ url: {url:?}, retry: true }}, {{ url: {url:?} }}");
    bench.session(&chaos(&posts), "out").expect(0);
    let report = bench.report("out");
    assert_eq!(attempts(&report, "a"), 1);
    let (shown, sent) = (shown(&report, "a"), keys(&api));
    assert_eq!(
        sent,
        [&shown[0], &shown[1], &shown[1], &shown[2]].map(Clone::clone)
    );
    assert_eq!(sent.iter().collect::<BTreeSet<_>>().len(), 3);
}

/// Another agent sends another request, so the service could not know it again.
#[test]
fn another_agent_does_not_run_what_only_its_key_makes_repeatable() {
    let api = PlayedApi::answering(|_| Some(hangs_up()));
    let shout = format!("  shout: {{ plugin: {:?} }}\n", plugin("shout"));
    let chain = "    degradation: { fallback: [{ agent: shout }, { text: nothing }] }\n";
    let notify = format!(
        "  careful:\n    plugin: {:?}\n    settings: {{ url: {:?} }}\n    grants: {{ upstreams: [chat] }}\n    \
         retry: {{ base: 1ms, max_attempts: 2 }}\n{chain}",
        plugin("webhook"),
        api.url("/hook"),
    );
    let bench = bench_with(&api, HEADER, &(shout + &notify));
    bench
        .session("- { id: a, agent: careful, input: { text: one } }\n", "out")
        .expect(3);
    let report = bench.report("out");
    let task = report.task("a");
    assert_eq!(task["output"]["inline"], "nothing");
    let context = task["failure"]["context"].to_string();
    assert!(context.contains("the same idempotency key"), "{context}");
    assert_eq!(api.received().len(), 2);
}

/// One may post to another service, or as somebody else.
#[test]
fn instances_that_differ_do_not_repeat_each_others_requests() {
    for (settings, requests) in [("", 2), ("settings: { max_answer_bytes: 5000 }", 1)] {
        let api = PlayedApi::start(vec![hangs_up(), ok()]);
        let pool = format!(
            "  pool:\n    plugin: {:?}\n    settings: {{ url: {:?} }}\n    grants: {{ upstreams: [chat] }}\n    \
             retry: {{ base: 1ms }}\n    instances: {{ one: {{}}, two: {{ {settings} }} }}\n",
            plugin("webhook"),
            api.url("/hook"),
        );
        let bench = bench_with(&api, HEADER, &pool);
        let code = i32::from(requests == 1);
        bench
            .session("- { id: a, agent: pool, input: { text: one } }\n", "out")
            .expect(code);
        assert_eq!(api.received().len(), requests);
    }
}

#[test]
fn a_header_that_is_no_header_for_keys_is_refused_with_its_place() {
    let api = PlayedApi::start(Vec::new());
    let bench = bench(&api, "    idempotency_header: Content-Length\n");
    let refused = bench.fusebox(&["config", "check"]);
    assert_ne!(refused.code, Some(0));
    let said = refused.stdout + &refused.stderr;
    assert!(said.contains("upstreams.chat.idempotency_header"), "{said}");
    assert!(said.contains("set by the host itself"), "{said}");
}
