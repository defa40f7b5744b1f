//! Tasks that ran without a result that another one has by now.

use serde_json::Value;

use super::ended;
use crate::played_api::{Answer, PlayedApi};
use crate::support::{Bench, plugin};

const TASKS: &str = "- { id: a, agent: first, input: { text: a } }\n\
    - { id: b, agent: second, after: [a], input: { text: b } }\n\
    - { id: d, agent: first, input: { text: d } }\n\
    - { id: e, agent: third, after: [d], input: { text: e } }\n";

const MENDED: &str = "--set=agents.first.retry.max_attempts=3";

/// `first` fails at its first attempt and may make no other, `third` does not
/// run without it, and `second` does: it calls an API.
fn bench(api: &PlayedApi) -> Bench {
    let (chaos, webhook) = (plugin("chaos"), plugin("webhook"));
    Bench::with_config(&format!(
        "session: {{ max_parallel: 1 }}\nagents:\n  first:\n    plugin: {chaos:?}\n    settings: {{ mode: flaky, failures: 1 }}\n    \
         retry: {{ max_attempts: 1, base: 1ms }}\n  second:\n    plugin: {webhook:?}\n    settings: {{ url: {:?} }}\n    \
         grants: {{ upstreams: [chat] }}\n    degradation: {{ on_upstream_failure: run-degraded }}\n  \
         third: {{ plugin: {chaos:?}, degradation: {{ on_upstream_failure: skip }} }}\n\
         upstreams:\n  chat: {{ address: {:?}, network: loopback }}\n",
        api.url("/hook"),
        api.origin(),
    ))
}

fn api() -> PlayedApi {
    PlayedApi::answering(|_| Some(Answer::new(200, "text/plain", "told")))
}

fn recovery<'r>(report: &'r Value, why: &str) -> Option<&'r Value> {
    let mut options = report["recovery"].as_array().unwrap().iter();
    options.find(|option| option["why"].as_str().unwrap().contains(why))
}

/// A webhook that succeeded is not called again because what it came after is
/// run again, and what was skipped is run.
#[test]
fn what_is_done_is_done_once_though_what_it_came_after_runs_again() {
    let api = api();
    let bench = bench(&api);
    bench.session(TASKS, "out").expect(3);
    assert_eq!(api.received().len(), 1);
    bench
        .fusebox(&["resume", "out", "--retry-failed", MENDED])
        .expect(0);
    assert_eq!(api.received().len(), 1, "it was called twice, unasked");
    let report = bench.report("out");
    assert_eq!(report.0["counts"]["succeeded"], 4);
    assert_eq!(report.tasks().len(), 4);
    let mut ends = ended(&bench.path("out"));
    ends.sort_unstable();
    assert_eq!(ends, [0, 0, 1, 2, 2, 3, 3], "a, d and e ran, b did not");
}

/// That b ran without a's result is said, with the command that runs it again,
/// and that command does.
#[test]
fn a_task_that_ran_without_a_result_is_named_and_runs_again_if_a_person_says_so() {
    let api = api();
    let bench = bench(&api);
    bench.session(TASKS, "out").expect(3);
    assert!(recovery(&bench.report("out").0, "had not the result").is_none());
    let resumed = bench
        .fusebox(&["resume", "out", "--retry-failed", MENDED])
        .expect(0);
    assert!(resumed.stdout.contains("--with-dependants"), "{}", resumed.stdout);
    let report = bench.report("out").0;
    let over = bench.fusebox(&["resume", "out"]).expect(0);
    assert!(over.stdout.contains("--with-dependants"), "{}", over.stdout);
    let option = recovery(&report, "had not the result").expect("nobody says so");
    assert_eq!(option["tasks"], serde_json::json!(["b"]));
    super::commands::paste(&bench, option["command"].as_str().unwrap()).expect(0);
    assert_eq!(api.received().len(), 2);
    let report = bench.report("out").0;
    assert!(recovery(&report, "had not the result").is_none(), "{report}");
    assert_eq!(report["counts"]["succeeded"], 4);
}

/// In one command: what failed runs first, and only if it has its result then,
/// what had made do without it.
#[test]
fn what_made_do_without_a_result_runs_again_once_that_is_there_and_not_before() {
    let api = api();
    let bench = bench(&api);
    bench.session(TASKS, "out").expect(3);
    let again = ["resume", "out", "--retry-failed", "--with-dependants"];
    let fails = "--set=agents.first.settings.mode=error";
    bench.fusebox(&[&again[..], &[fails]].concat()).expect(3);
    assert_eq!(api.received().len(), 1, "nothing is there that was not before");
    bench.fusebox(&[&again[..], &[MENDED]].concat()).expect(0);
    assert_eq!(api.received().len(), 2);
    let nothing = bench.fusebox(&again).expect(0);
    assert!(
        nothing.stdout.contains("nothing is left to run"),
        "{}",
        nothing.stdout
    );
    assert_eq!(api.received().len(), 2);
}

/// What was tried before a person had it run again stays in the report.
#[test]
fn earlier_attempts_of_a_reopened_task_stay_in_the_report() {
    let api = api();
    let bench = bench(&api);
    bench.session(TASKS, "out").expect(3);
    bench
        .fusebox(&["resume", "out", "--retry-failed", MENDED])
        .expect(0);
    let report = bench.report("out");
    let attempts = report.task("a")["attempts"].as_array().unwrap();
    let told: Vec<_> = attempts
        .iter()
        .map(|attempt| (attempt["number"].as_u64(), attempt["outcome"].as_str()))
        .collect();
    assert_eq!(told, [(Some(1), Some("error")), (Some(2), Some("ok"))]);
    assert_eq!(report.0["counts"]["retried"], 2, "a and d took two attempts");
}
