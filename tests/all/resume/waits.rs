//! Waits between attempts, and a host that is killed while tasks wait.

use fusebox::journal::Record;
use jiff::Timestamp;

use super::{ended, records, start_session};
use crate::support::{Bench, plugin};

fn bench() -> Bench {
    let (chaos, shout) = (plugin("chaos"), plugin("shout"));
    Bench::with_config(&format!(
        "session: {{ max_parallel: 1 }}\nagents:\n  shout: {{ plugin: {shout:?} }}\n  flaky:\n    plugin: {chaos:?}\n    \
         settings: {{ mode: flaky, failures: 1 }}\n    retry: {{ strategy: fixed, jitter: none, base: 10m, max_delay: 10m, max_elapsed: 1h }}\n"
    ))
}

const TASKS: &str = "- { id: f, agent: flaky, input: { text: x } }\n\
    - { id: a, agent: shout, input: { text: one } }\n\
    - { id: b, agent: shout, after: [f], input: { text: two } }\n";

/// When the second attempt is to begin, as the journal has it.
fn next_at(bench: &Bench) -> Option<i64> {
    records(&bench.path("out"))
        .into_iter()
        .find_map(|record| match record {
            Record::Retry(retry) => Some(retry.next_at),
            _ => None,
        })
}

/// Until when the task waits, as the host says.
pub(super) fn waits_until(bench: &Bench) -> Option<i64> {
    let status = bench.fusebox(&["status", "out", "--task", "f", "--format", "json"]);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).ok()?;
    let until = status["state"]["until"].as_str().or(status["until"].as_str())?;
    Some(until.parse::<Timestamp>().unwrap().as_microsecond())
}

/// Resumes the session: its task waits until that time and not less.
#[track_caller]
fn waits_on(bench: &Bench, due: i64) {
    let mut child = super::start(bench, &["resume", "out"]);
    let until = loop {
        assert!(child.try_wait().unwrap().is_none(), "it did not wait");
        if let Some(until) = waits_until(bench) {
            break until;
        }
    };
    let second = 1_000_000;
    assert!((until - due).abs() < second, "due at {due}, waits until {until}");
    bench.fusebox(&["cancel", "out"]).expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let report = bench.report("out");
    assert_eq!(report.task("f")["attempts"].as_array().unwrap().len(), 1);
}

/// A task that waits takes no worker: the only one does another task meanwhile.
/// A host that is killed then forgets neither the attempt nor the wait.
#[test]
fn what_is_left_of_a_wait_survives_a_kill() {
    let bench = bench();
    let mut child = start_session(&bench, TASKS);
    super::kill_after(&bench, &mut child, 1);
    let due = next_at(&bench).expect("the wait is kept");
    waits_on(&bench, due);
}

#[test]
fn what_is_left_of_a_wait_survives_a_cancellation_and_the_next() {
    let bench = bench();
    let mut child = start_session(&bench, TASKS);
    while ended(&bench.path("out")).is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    bench.fusebox(&["cancel", "out"]).expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let due = next_at(&bench).expect("the wait is kept");
    waits_on(&bench, due);
    waits_on(&bench, due);
}
