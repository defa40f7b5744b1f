//! A host that is killed after a request was sent, and what `resume` does then.

use super::{HEADER, TOLD, bench, hangs_up, keys, ok};
use crate::played_api::{Answer, Delivery, Gate, PlayedApi};
use crate::resume::start_session;
use crate::support::Bench;

/// Kills a host that has sent its request and waits for the answer; after that
/// the API answers.
fn killed(held: Gate, more: &str) -> (PlayedApi, Bench) {
    let api = PlayedApi::start(vec![ok().delivered(Delivery::Held(held)), ok()]);
    let bench = bench(&api, more);
    let mut child = start_session(&bench, TOLD);
    while api.received().is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    (api, bench)
}

#[test]
fn a_request_that_carried_a_key_is_sent_again_with_the_same_by_resume() {
    let (held, _opener) = Gate::closed();
    let (api, bench) = killed(held, HEADER);
    bench.fusebox(&["resume", "out"]).expect(0);
    assert_eq!(
        bench.report("out").task("told")["output"]["inline"],
        "library library"
    );
    let keys = keys(&api);
    assert_eq!((keys.len(), keys[0].len()), (2, 36));
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn one_that_was_cancelled_is_sent_again_with_the_same_key_too() {
    let (held, _opener) = Gate::closed();
    let api = PlayedApi::start(vec![ok().delivered(Delivery::Held(held)), ok()]);
    let bench = bench(&api, HEADER);
    let mut child = start_session(&bench, TOLD);
    while api.received().is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    bench.fusebox(&["cancel", "out"]).expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    bench.fusebox(&["resume", "out"]).expect(0);
    let keys = keys(&api);
    assert_eq!(keys, [keys[0].clone(), keys[0].clone()]);
}

/// Without its key, the service would carry it out twice.
#[test]
fn where_the_header_has_changed_meanwhile_the_task_is_held() {
    for now in ["    idempotency_header: X-Request-Id\n", ""] {
        let (held, _opener) = Gate::closed();
        let (api, bench) = killed(held, HEADER);
        let config = std::fs::read_to_string(bench.path("fusebox.yaml")).unwrap();
        bench.write("fusebox.yaml", config.replace(HEADER, now));
        bench.fusebox(&["resume", "out"]).expect(1);
        let report = bench.report("out");
        assert_eq!(report.code("told"), "held.sent");
        let said = report.task("told")["failure"]["message"].as_str().unwrap();
        assert!(said.contains("idempotency"), "{said}");
        assert_eq!(api.received().len(), 1);
    }
}

/// What ended as failed keeps its key, unless a person wants another.
#[test]
fn a_failed_task_that_is_run_again_keeps_its_key_unless_a_person_wants_new_ones() {
    for (more, is_same) in [(&[][..], true), (&["--new-keys"][..], false)] {
        let api = PlayedApi::start(vec![Answer::json(402, "{}"), hangs_up(), ok()]);
        let bench = bench(&api, HEADER);
        bench.session(TOLD, "out").expect(1);
        assert_eq!(api.received().len(), 1);
        let arguments = [&["resume", "out", "--retry-failed"], more].concat();
        bench.fusebox(&arguments).expect(0);
        let keys = keys(&api);
        assert_eq!((keys.len(), keys[0] == keys[1]), (3, is_same));
        assert_eq!(keys[1], keys[2], "all attempts after that have the same");
    }
}

/// `--with-dependants` does again what was done with another input.
#[test]
fn what_is_handed_something_else_has_another_key() {
    let api = PlayedApi::start(vec![ok(), ok()]);
    let bench = bench(&api, HEADER);
    let chaos = "settings: { mode: flaky, failures: 3, posts: [] }";
    let tasks = format!(
        "- {{ id: first, agent: chaos, {chaos}, input: {{ text: x }} }}\n\
         - {{ id: then, agent: notify, after: [first], on_upstream_failure: run-degraded, input: {{ text: x }} }}\n"
    );
    bench.session(&tasks, "out");
    assert_eq!(api.received().len(), 1, "{:?}", bench.report("out").0);
    bench
        .fusebox(&["resume", "out", "--retry-failed", "--with-dependants"])
        .expect(0);
    let keys = keys(&api);
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
}
