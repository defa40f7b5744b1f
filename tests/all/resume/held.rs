//! Requests that must not be sent twice.

use crate::played_api::{Answer, Delivery, Gate, PlayedApi};
use crate::support::{Bench, plugin};

use super::start_session;

pub(super) fn bench(api: &PlayedApi) -> Bench {
    Bench::with_config(&format!(
        "session: {{ max_parallel: 1 }}\nagents:\n  notify:\n    plugin: {:?}\n    settings: {{ url: {:?} }}\n    \
         grants: {{ upstreams: [chat] }}\n  keywords: {{ plugin: {:?} }}\n\
         upstreams:\n  chat: {{ address: {:?}, network: loopback }}\n",
        plugin("webhook"),
        api.url("/hook"),
        plugin("keywords"),
        api.origin(),
    ))
}

const TASKS: &str = "- { id: told, agent: notify, input: { text: one } }\n\
    - { id: open, agent: notify, after: [told], input: { text: two } }\n\
    - { id: last, agent: keywords, after: [open], input: { text: '' } }\n";

pub(super) fn ok() -> Answer {
    Answer::new(200, "text/plain", "library library")
}

/// Kills a host that has sent its second request and waits for the answer.
fn killed(held: Gate) -> (PlayedApi, Bench) {
    let api = PlayedApi::start(vec![ok(), ok().delivered(Delivery::Held(held)), ok(), ok()]);
    let bench = bench(&api);
    let mut child = start_session(&bench, TASKS);
    while api.received().len() < 2 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    // What is announced is durable; the first task's end may not be yet.
    let told = ["status", "out", "--task", "told"];
    while !bench.fusebox(&told).stdout.contains("succeeded") {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    (api, bench)
}

#[test]
fn a_request_that_must_not_be_sent_twice_is_not_until_the_operator_says_so() {
    let (held, _opener) = Gate::closed();
    let (api, bench) = killed(held);
    for arguments in [&["resume", "out", "--retry-failed"][..], &["resume", "out"]] {
        let resumed = bench.fusebox(arguments).expect(3);
        assert_eq!(api.received().len(), 2, "{}", resumed.stderr);
    }
    let report = bench.report("out");
    let (open, last) = (report.task("open"), report.task("last"));
    assert_eq!(
        (report.code("open"), &open["reason"]),
        ("held.sent", &"not-idempotent".into())
    );
    assert_eq!(open["failure"]["severity"], "high");
    assert_eq!(last["status"], "skipped");
    assert_eq!(report.task("told")["output"]["inline"], "library library");
    let resumed = bench.fusebox(&["resume", "out", "--retry-failed"]).expect(0);
    assert!(
        resumed.stderr.contains("1 of 3 tasks are over"),
        "{}",
        resumed.stderr
    );
    let bodies: Vec<_> = api
        .received()
        .iter()
        .map(|request| request.body.clone())
        .collect();
    assert_eq!(bodies, [b"one".to_vec(), b"two".to_vec(), b"two".to_vec()]);
    let report = bench.report("out");
    let words = report.task("last")["output"]["inline"].as_str().unwrap();
    assert!(words.to_lowercase().contains("library"), "{words}");
}

/// The recovery option of the report says how, and works when it is pasted.
#[test]
fn the_report_says_how_such_a_task_is_run_again() {
    let (held, _opener) = Gate::closed();
    let (api, bench) = killed(held);
    bench.fusebox(&["resume", "out"]).expect(3);
    let report = bench.report("out");
    let options = report.0["recovery"].as_array().unwrap();
    let option = options
        .iter()
        .find(|option| option["tasks"][0] == "open")
        .unwrap();
    assert!(
        option["why"].as_str().unwrap().contains("carried out"),
        "{option}"
    );
    super::commands::paste(&bench, option["command"].as_str().unwrap()).expect(0);
    assert_eq!(api.received().len(), 3);
}

/// One that was cancelled after its request was sent may have done its work.
#[test]
fn a_cancelled_request_is_held_too() {
    let (held, _opener) = Gate::closed();
    let api = PlayedApi::start(vec![ok().delivered(Delivery::Held(held)), ok()]);
    let bench = bench(&api);
    let mut child = start_session(&bench, "- { id: open, agent: notify, input: { text: x } }\n");
    while api.received().is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    bench.fusebox(&["cancel", "out"]).expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    bench.fusebox(&["resume", "out"]).expect(1);
    assert_eq!(bench.report("out").code("open"), "held.sent");
    assert_eq!(api.received().len(), 1);
}
