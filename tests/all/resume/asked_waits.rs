//! Waits that a service asked for, and a host that is killed while a task waits, or
//! a person who has it run again too soon.

use fusebox::journal::Record;
use jiff::{SignedDuration, Timestamp};

use super::waits::waits_until;
use super::{ended, records, start, start_session};
use crate::asked_waits::{asking, bench, time};
use crate::support::Bench;

const TASK: &str = "- { id: f, agent: writer, input: { text: x } }\n";

/// How long after the end of the first attempt the second one began.
fn waited(bench: &Bench) -> SignedDuration {
    let report = bench.report("out");
    let attempts = report.task("f")["attempts"].as_array().unwrap();
    let [first, second] = &attempts[..] else {
        panic!("{attempts:?}")
    };
    let took = SignedDuration::from_secs_f64(first["duration_ms"].as_f64().unwrap() / 1e3);
    time(&second["started"]).duration_since(time(&first["started"]) + took)
}

#[test]
fn what_is_left_of_an_asked_wait_is_waited_after_a_kill() {
    let api = asking(&[("retry-after", "4")]);
    let bench = bench(&api, "max_delay: 200ms");
    let mut child = start_session(&bench, TASK);
    let is_retry = |record: &Record| matches!(record, Record::Retry(_));
    while !records(&bench.path("out")).iter().any(is_retry) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(api.received().len(), 1);
    bench.fusebox(&["resume", "out"]).expect(0);
    let waited = waited(&bench);
    assert!(waited >= SignedDuration::from_secs(4), "{waited}");
}

#[test]
fn a_task_that_was_left_with_a_time_waits_for_what_is_left_of_it() {
    let api = asking(&[("retry-after", "4")]);
    let bench = bench(&api, "max_elapsed: 1s");
    bench.session(TASK, "out").expect(75);
    bench.fusebox(&["resume", "out"]).expect(0);
    let waited = waited(&bench);
    assert!(waited >= SignedDuration::from_secs(4), "{waited}");
    assert_eq!(api.received().len(), 2);
}

/// However often it is resumed, and killed while it waits.
#[test]
fn a_task_that_was_left_is_shown_as_waiting_until_its_time_and_asks_nobody_sooner() {
    let api = asking(&[("retry-after", "3600")]);
    let bench = bench(&api, "");
    bench.session(TASK, "out").expect(75);
    let until = time(&bench.report("out").task("f")["not_before"]);
    for arguments in [&["resume", "out", "--retry-failed"][..], &["resume", "out"]] {
        let mut child = start(&bench, arguments);
        let shown = loop {
            assert!(child.try_wait().unwrap().is_none(), "it did not wait");
            if let Some(shown) = waits_until(&bench) {
                break Timestamp::from_microsecond(shown).unwrap();
            }
        };
        child.kill().unwrap();
        child.wait().unwrap();
        let apart = shown.duration_since(until).abs();
        assert!(apart < SignedDuration::from_secs(1), "{shown}, {until}");
        assert_eq!(ended(&bench.path("out")).len(), 1);
    }
    assert_eq!(api.received().len(), 1);
}
