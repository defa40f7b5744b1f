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
    breaker_of("upstream:llm", to)
}

fn breaker_of(key: &str, to: State) -> Event {
    Event::Breaker {
        key: key.into(),
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

fn begun(said: Vec<AlertChange>) -> Alert {
    match only(said) {
        AlertChange::Begins(alert) => alert,
        AlertChange::Ends(alert) => panic!("{alert:?} ends"),
    }
}

fn ended_alert(said: Vec<AlertChange>) -> Alert {
    match only(said) {
        AlertChange::Ends(alert) => alert,
        AlertChange::Begins(alert) => panic!("{alert:?} begins"),
    }
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
    let service = |to| breaker_of("service:writer/mail", to);
    let opened = begun(reading.read(&service(State::Open)));
    assert_eq!(opened.key, "circuit:service:writer/mail:open");
    assert!(opened.why.ends_with("5 failures in a row"), "{}", opened.why);
    assert_eq!(
        opened.commands,
        ["fusebox breaker show 'out of the way' service:writer/mail"]
    );
    assert!(opened.next.contains("calls are refused"), "{}", opened.next);
    assert_eq!(reading.read(&service(State::HalfOpen)), []);
    let closed = ended_alert(reading.read(&service(State::Closed)));
    assert_eq!(closed.key, opened.key);
}

#[test]
fn an_agents_open_breaker_says_that_its_tasks_run_one_at_a_time() {
    let opened = begun(live(false).read(&breaker_of("agent:writer", State::Open)));
    assert_eq!(opened.what, "breaker agent:writer: open");
    assert!(
        opened.next.starts_with("its tasks run one at a time"),
        "{}",
        opened.next
    );
    assert!(opened.why.ends_with("5 failures in a row"), "{}", opened.why);
}

/// Seconds of the clock on the wall, such as those at which an upstream holds so many.
fn hold(seconds: i64, tasks: u64) -> Event {
    let at = |seconds| Timestamp::new(seconds, 0).unwrap();
    Event::Hold {
        by: "upstream:llm".into(),
        at: at(seconds),
        until: Some(at(seconds + 10)),
        tasks,
    }
}

fn closed_at(seconds: i64) -> Event {
    let mut closed = breaker(State::Closed);
    if let Event::Breaker { at, .. } = &mut closed {
        *at = Timestamp::new(seconds, 0).unwrap();
    }
    closed
}

#[test]
fn an_upstream_that_is_down_is_one_matter_however_often_it_is_probed() {
    let mut reading = live(false);
    assert_eq!(reading.read(&breaker(State::Open)), [], "nobody is concerned yet");
    let began = begun(reading.read(&hold(0, 24)));
    assert_eq!(began.key, "circuit:upstream:llm:open");
    assert_eq!(began.what, "upstream llm is down: 24 tasks are held");
    assert_eq!(
        began.next,
        "the next try is at 1970-01-01T00:00:10Z; nothing is lost"
    );
    assert!(began.why.ends_with("5 failures in a row"), "{}", began.why);
    assert_eq!(
        began.commands,
        ["fusebox breaker show 'out of the way' upstream:llm"]
    );
    let probes = [
        hold(10, 23),
        breaker(State::HalfOpen),
        breaker(State::Open),
        hold(11, 24),
    ];
    for event in probes {
        assert_eq!(reading.read(&event), [], "{event:?}");
    }
    let back = ended_alert(reading.read(&closed_at(14)));
    assert_eq!(back.what, "upstream llm is back; held 24 tasks for 14 s");
    assert_eq!(back.key, began.key);
    for remaining in [3, 0] {
        assert_eq!(reading.read(&hold(15, remaining)), [], "they are let go");
    }
    assert_eq!(reading.read(&breaker(State::Open)), []);
    let again = begun(reading.read(&hold(60, 1)));
    assert_eq!(again.what, "upstream llm is down: 1 task is held");
}

/// The only task that is held is the one that probes.
#[test]
fn a_single_task_that_comes_and_goes_as_a_probe_is_no_end() {
    let mut reading = live(false);
    reading.read(&breaker(State::Open));
    assert_eq!(reading.read(&hold(0, 1)).len(), 1);
    for event in [
        hold(10, 0),
        breaker(State::HalfOpen),
        breaker(State::Open),
        hold(11, 1),
    ] {
        assert_eq!(reading.read(&event), [], "{event:?}");
    }
    let back = ended_alert(reading.read(&closed_at(21)));
    assert_eq!(back.what, "upstream llm is back; held 1 task for 21 s");
}

#[test]
fn a_breaker_that_was_open_before_the_session_is_not_called_down_and_ends_all_the_same() {
    let mut reading = live(false);
    let began = begun(reading.read(&hold(0, 2)));
    assert_eq!(began.what, "upstream llm is not asked for now: 2 tasks are held");
    assert_eq!(began.why, "");
    assert_eq!(reading.read(&breaker(State::Open)), [], "the same matter");
    let disabled = ended_alert(reading.read(&breaker(State::Disabled)));
    assert_eq!(
        disabled.what,
        "breaker upstream:llm: disabled; held 2 tasks for 0 s"
    );
}

#[test]
fn an_upstream_that_holds_nobody_is_told_of_once_a_task_is_lost_to_it() {
    let mut reading = live(false);
    assert_eq!(reading.read(&breaker(State::Open)), []);
    let refused = || Failure::new(Code::ShedBreaker, "no").with("upstream", "llm");
    assert_eq!(reading.read(&ended(0, TaskStatus::Held, Some(refused()))), []);
    let began = begun(reading.read(&ended(0, TaskStatus::Failed, Some(refused()))));
    assert!(
        began.what.starts_with("breaker upstream:llm: open"),
        "{}",
        began.what
    );
    assert_eq!(reading.read(&ended(1, TaskStatus::Failed, Some(refused()))), []);
    let closed = ended_alert(reading.read(&closed_at(10)));
    assert_eq!(closed.what, "breaker upstream:llm: closed again");
}

#[test]
fn what_somebody_opened_is_told_at_once_and_not_again_when_it_holds() {
    let mut reading = live(false);
    let began = begun(reading.read(&breaker(State::ForcedOpen)));
    assert!(
        began.next.contains("held until somebody resets it"),
        "{}",
        began.next
    );
    assert_eq!(reading.read(&hold(0, 9)), []);
}

#[test]
fn breakers_that_let_all_pass_never_say_that_calls_are_refused() {
    for key in ["upstream:llm", "agent:writer", "service:writer/mail"] {
        for to in [State::Disabled, State::MetricsOnly, State::Closed] {
            let mut reading = live(false);
            reading.read(&breaker_of(key, State::ForcedOpen));
            let ends = ended_alert(reading.read(&breaker_of(key, to)));
            let said = format!("{} {} {}", ends.what, ends.why, ends.next);
            assert!(!said.contains("refuse") && !said.contains("held"), "{said}");
        }
    }
}

#[test]
fn a_required_task_that_is_held_loses_nothing() {
    assert_eq!(live(true).read(&ended(0, TaskStatus::Held, None)), []);
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
