use std::time::Duration;

use jiff::Timestamp;

use super::*;
use crate::session::Task;
use fusebox_events::TaskRecord;
use fusebox_resilience::breaker::{Cause, Counts, State, Transition};
use fusebox_types::failure::{Code, Failure};
use fusebox_types::{Output, TaskStatus};
use fusebox_upstream::limits::Warning;

fn reading(required: bool) -> Reading {
    let input = Arc::new(Output {
        content_type: "text/plain".into(),
        bytes: Vec::new(),
    });
    let task = |id: &str| Task {
        id: id.into(),
        agent: 0,
        input: input.clone(),
        settings: None,
        after: Box::default(),
        required,
        on_upstream_failure: None,
        fallback: None,
    };
    let tasks = vec![task("one\n\u{1b}[2J"), task("two")];
    let graph = Graph::new(tasks, vec!["agent".into()]).unwrap();
    let about = About {
        session: "s".into(),
        folder: Some("out of the way".into()),
    };
    Reading::new(&about, graph.into())
}

fn live(required: bool) -> Reading {
    let mut reading = reading(required);
    let started = Event::SessionStarted {
        at: Timestamp::UNIX_EPOCH,
        seed: 0,
        ran: Duration::ZERO,
    };
    assert_eq!(reading.read(&started), []);
    reading
}

fn breaker(to: State) -> Event {
    Event::Breaker {
        key: "upstream:llm".into(),
        at: Timestamp::UNIX_EPOCH,
        until: Some(Timestamp::UNIX_EPOCH),
        transition: Transition {
            from: State::Closed,
            to,
            cause: Cause::ConsecutiveFailures,
            at: Duration::ZERO,
            until: None,
            counts: Counts {
                consecutive_failures: 5,
                ..Counts::default()
            },
        },
        reason: None,
    }
}

fn ended(task: u32, status: TaskStatus, failure: Option<Failure>) -> Event {
    Event::TaskEnded {
        task,
        record: TaskRecord {
            status,
            instance: None,
            output: None,
            partial: None,
            failure: failure.map(Arc::new),
            reason: None,
            not_before: None,
            fallback: None,
        },
    }
}

fn only(said: Vec<AlertChange>) -> AlertChange {
    let [one] = <[AlertChange; 1]>::try_from(said).unwrap();
    one
}

#[test]
fn what_happened_before_a_session_is_gone_on_with_is_no_news() {
    let mut reading = reading(true);
    assert_eq!(reading.read(&breaker(State::Open)), []);
    let failed = ended(0, TaskStatus::Failed, Some(Failure::new(Code::TrapPanic, "x")));
    assert_eq!(reading.read(&failed), []);
}

#[test]
fn a_circuit_is_one_matter_from_open_to_closed() {
    let mut reading = live(false);
    let AlertChange::Begins(opened) = only(reading.read(&breaker(State::Open))) else {
        panic!("it begins");
    };
    assert_eq!(opened.key, "circuit:upstream:llm:open");
    assert!(opened.why.ends_with("5 failures in a row"), "{}", opened.why);
    assert_eq!(
        opened.commands,
        ["fusebox breaker show 'out of the way' upstream:llm"]
    );
    assert_eq!(reading.read(&breaker(State::HalfOpen)), []);
    let AlertChange::Ends(closed) = only(reading.read(&breaker(State::Closed))) else {
        panic!("it ends");
    };
    assert_eq!(closed.key, opened.key);
}

#[test]
fn required_tasks_that_have_nothing_are_one_matter_and_hostile_ids_are_harmless() {
    let mut reading = live(true);
    let failure = || Some(Failure::new(Code::TrapPanic, "a\r\nFAKE"));
    let first = only(reading.read(&ended(0, TaskStatus::Failed, failure())));
    let second = only(reading.read(&ended(1, TaskStatus::Skipped, None)));
    let (AlertChange::Begins(first), AlertChange::Begins(second)) = (first, second) else {
        panic!("they begin");
    };
    assert_eq!(first.key, second.key);
    assert_eq!(first.level, NoticeLevel::Critical);
    assert!(first.what.contains("one\\n\\u{1b}[2J"), "{}", first.what);
    assert!(!first.why.contains('\n'), "{}", first.why);
    assert_eq!(reading.read(&ended(0, TaskStatus::Cancelled, None)), []);
    let mut optional = live(false);
    assert_eq!(optional.read(&ended(0, TaskStatus::Failed, failure())), []);
}

#[test]
fn each_threshold_of_a_quota_is_a_matter_and_so_is_its_end() {
    let mut reading = live(false);
    let mut key = |percent| {
        let warning = Warning {
            window_ms: 18_000_000,
            percent,
            used: 8,
            of: 10,
            who: None,
        };
        let upstream = "llm".into();
        match only(reading.read(&Event::QuotaWarning { upstream, warning })) {
            AlertChange::Begins(alert) => (alert.key, alert.level),
            AlertChange::Ends(_) => panic!("it begins"),
        }
    };
    assert_eq!(
        key(80),
        ("quota:llm:18000000ms:all:80%".into(), NoticeLevel::Info)
    );
    assert_eq!(key(95).1, NoticeLevel::Warning);
    let mut refused = Failure::new(Code::ShedQuota, "no more").with("upstream", "llm");
    refused.retry_after_ms = Some(5000);
    let said = live(false).read(&ended(0, TaskStatus::Failed, Some(refused)));
    let AlertChange::Begins(alert) = only(said) else {
        panic!("it begins");
    };
    assert_eq!(alert.key, "quota:llm:shed.quota");
    assert_eq!(alert.lasts, crate::notices::Lasts::For(Duration::from_secs(5)));
}
