use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::control::State;
use crate::report::Summary;
use crate::session::{GiveUp, Task};
use fusebox_events::{AttemptRecord, arbitrary};
use fusebox_runtime::cancellation::Cancellation;
use fusebox_types::failure::Code;
use fusebox_types::{Output, Usage};
use tokio_util::sync::CancellationToken;

fn status(tasks: usize) -> Status {
    let task = |n: usize| Task {
        id: format!("t{n}").into(),
        agent: 0,
        input: Arc::new(Output {
            content_type: "text/plain".into(),
            bytes: vec![],
        }),
        settings: None,
        after: Box::default(),
        required: false,
        on_upstream_failure: None,
        fallback: None,
    };
    let graph = Graph::new((0..tasks).map(task).collect(), vec!["a".into()]).unwrap();
    Status::new(Arc::new(graph))
}

/// Nothing is cancelled.
fn nobody() -> Cancellation {
    Cancellation::new(CancellationToken::new())
}

fn started(task: TaskIndex, number: u32) -> Event {
    Event::AttemptStarted {
        task,
        number,
        maximum: 3,
        at: Timestamp::UNIX_EPOCH,
    }
}

fn attempt(task: TaskIndex, number: u32, failure: Option<Failure>) -> Event {
    Event::AttemptEnded {
        task,
        attempt: AttemptRecord {
            agent: None,
            number,
            instance: fusebox_types::InstanceId::new("default"),
            started: Timestamp::UNIX_EPOCH,
            delay_before: Duration::from_millis(u64::from(number)),
            usage: Usage::default(),
            failure: failure.map(Arc::new),
            is_free: false,
        },
        lines: fusebox_types::Lines::default(),
    }
}

fn failed() -> Option<Failure> {
    Some(Failure::new(Code::TrapPanic, "no"))
}

fn ended(task: TaskIndex, status: TaskStatus, reason: Option<GiveUp>) -> Event {
    let asked = reason == Some(GiveUp::NotBefore);
    let record = TaskRecord {
        fallback: None,
        status,
        instance: None,
        output: None,
        partial: None,
        failure: None,
        reason,
        not_before: asked.then_some(Timestamp::UNIX_EPOCH),
    };
    Event::TaskEnded { task, record }
}

#[test]
fn a_task_is_followed_from_its_first_attempt_to_its_wait() {
    let mut status = status(2);
    assert_eq!(status.task(0, &nobody()).unwrap().state, State::Pending);
    status.read(&started(0, 1));
    let state = status.task(0, &nobody()).unwrap().state;
    assert!(matches!(
        state,
        State::Running {
            attempt: 1,
            of: 3,
            ..
        }
    ));
    status.read(&attempt(0, 1, failed()));
    assert_eq!(
        status.task(0, &nobody()).unwrap().state,
        State::Deciding { attempt: 1, of: 3 }
    );
    let until = Timestamp::UNIX_EPOCH;
    status.read(&Event::RetryScheduled {
        task: 0,
        number: 2,
        maximum: 3,
        at: until,
    });
    let view = status.task(0, &nobody()).unwrap();
    let waiting = State::Waiting {
        attempt: 2,
        of: 3,
        until,
    };
    assert_eq!((view.state, view.attempts.len()), (waiting, 1));
    assert_eq!(view.attempts[0].failure.as_ref().unwrap().code, "trap.panic");
    let session = status.session("s", &nobody());
    assert_eq!((session.pending, session.running, session.waiting), (1, 0, 1));
}

#[test]
fn a_task_that_is_over_says_why() {
    let mut status = status(2);
    status.read(&started(0, 1));
    status.read(&attempt(0, 1, failed()));
    status.read(&ended(0, TaskStatus::Failed, Some(GiveUp::Budget)));
    let session = status.session("s", &nobody());
    assert_eq!(
        (session.pending, session.waiting, session.counts.failed),
        (1, 0, 1)
    );
    assert!(matches!(
        status.task(0, &nobody()).unwrap().state,
        State::Over {
            status: Some(TaskStatus::Failed),
            reason: Some(Ending::GaveUp(GiveUp::Budget)),
            ..
        }
    ));
    assert!(status.task(2, &nobody()).is_none());
    status.read(&ended(1, TaskStatus::Failed, Some(GiveUp::NotBefore)));
    let State::Over { not_before, .. } = status.task(1, &nobody()).unwrap().state else {
        panic!("it is over")
    };
    assert_eq!(not_before, Some(Timestamp::UNIX_EPOCH));
}

fn hold(tasks: u64) -> Event {
    Event::Hold {
        by: "upstream:llm".into(),
        at: Timestamp::UNIX_EPOCH,
        until: Some(Timestamp::UNIX_EPOCH),
        tasks,
    }
}

#[test]
fn tasks_that_are_held_say_by_whom_and_those_that_have_not_begun_are_counted_with_them() {
    let mut status = status(3);
    status.read(&started(0, 1));
    status.read(&attempt(0, 1, failed()));
    status.read(&Event::TaskHeld {
        task: 0,
        by: "upstream:llm".into(),
        until: Some(Timestamp::UNIX_EPOCH),
        number: 2,
        maximum: 4,
    });
    status.read(&hold(2));
    let held = State::Held {
        attempt: 2,
        of: 4,
        by: "upstream:llm".into(),
        until: Some(Timestamp::UNIX_EPOCH),
    };
    let json = serde_json::to_value(&held).unwrap();
    assert_eq!(
        (&json["state"], &json["by"]),
        (&"held".into(), &"upstream:llm".into())
    );
    assert_eq!(status.task(0, &nobody()).unwrap().state, held);
    assert_eq!(status.task(1, &nobody()).unwrap().state, State::Pending);
    let session = status.session("s", &nobody());
    assert_eq!((session.held, session.pending, session.running), (2, 1, 0));
    assert_eq!(
        (session.holds[0].tasks, &*session.holds[0].by),
        (2, "upstream:llm")
    );
    status.read(&started(0, 2));
    status.read(&hold(0));
    let session = status.session("s", &nobody());
    assert_eq!((session.held, session.pending, session.running), (0, 2, 1));
    assert!(session.holds.is_empty());
}

#[test]
fn breakers_say_how_many_tasks_they_hold() {
    let mut status = status(3);
    status.read(&hold(2));
    let view = |key: &str| {
        let counts = fusebox_resilience::breaker::Counts::default();
        let since = (Timestamp::UNIX_EPOCH, None);
        let state = (
            fusebox_resilience::breaker::State::Open,
            fusebox_resilience::breaker::Cause::ConsecutiveFailures,
        );
        fusebox_events::BreakerView::new(key, state, since, &counts)
    };
    let mut breakers = [view("upstream:llm"), view("upstream:mail")];
    status.say_held(&mut breakers);
    let held = breakers[0].held.as_ref().unwrap();
    assert_eq!(
        (held.tasks, held.next.as_deref()),
        (2, Some("1970-01-01T00:00:00.000Z"))
    );
    assert_eq!(breakers[1].held, None);
    status.read(&hold(0));
    let mut after = [view("upstream:llm")];
    status.say_held(&mut after);
    assert_eq!(after[0].held, None);
}

#[test]
fn attempts_are_bounded_and_those_that_are_gone_are_counted() {
    let mut status = status(1);
    for number in 1..=100 {
        status.read(&started(0, number));
        status.read(&attempt(0, number, failed()));
    }
    let view = status.task(0, &nobody()).unwrap();
    let numbers: Vec<_> = view.attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, (85..=100).collect::<Vec<_>>());
    assert_eq!(view.earlier_attempts, 84);
    let listed = &status.session("s", &nobody()).tasks[0];
    assert_eq!((listed.attempts.len(), listed.earlier_attempts), (1, 99));
}

#[test]
fn tasks_that_are_over_are_counted_and_only_the_last_thousand_remembered() {
    let tasks = 1500;
    let mut status = status(tasks);
    for task in 0..tasks as TaskIndex {
        status.read(&started(task, 1));
        status.read(&attempt(task, 1, None));
        status.read(&ended(task, TaskStatus::Succeeded, None));
    }
    let reason = |task| match status.task(task, &nobody()).unwrap().state {
        State::Over { reason, .. } => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!((reason(499), reason(500)), (None, Some(Ending::Succeeded)));
    assert_eq!((status.last.len(), status.past.len()), (1000, 0));
    assert!(status.progress.open_tasks().is_empty());
    let session = status.session("s", &nobody());
    assert_eq!((session.counts.succeeded, session.counts.retried), (1500, 0));
    assert_eq!((session.reasons.len(), session.reasons[0].count), (1, 1500));
}

#[test]
fn many_tasks_under_way_are_listed_in_order_up_to_a_bound() {
    let mut status = status(300);
    (0..300).rev().for_each(|task| status.read(&started(task, 1)));
    let session = status.session("s", &nobody());
    assert_eq!(
        (session.tasks.len(), session.more, session.running),
        (200, 100, 300)
    );
    assert_eq!(session.tasks[1].task, "t1");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Whatever happens, a person who asks is told what the report says.
    #[test]
    fn the_status_and_the_report_agree(events in arbitrary::events()) {
        let mut status = status(arbitrary::TASKS);
        let mut summary = Summary::new("s".into(), "s.yaml".into(), status.graph.clone());
        for event in &events {
            status.read(event);
            summary.note(event);
        }
        let (view, report) = (status.session("s", &nobody()), summary.failure_report(None));
        prop_assert_eq!(view.counts, report.failure.counts);
        prop_assert_eq!(view.status, report.failure.outcome);
        let under_way = view.pending + view.running + view.waiting + view.held;
        prop_assert_eq!(under_way + view.counts.over(), view.counts.total);
        let held = view.tasks.iter().filter(|task| matches!(task.state, State::Held { .. })).count() as u64;
        prop_assert!(held <= view.held);
        prop_assert_eq!(view.running + view.waiting + held, view.tasks.len() as u64);
        let lasting: Vec<_> = report.quarantined.into_iter().filter(|view| view.lasts()).collect();
        prop_assert_eq!(view.quarantined, lasting);
        for index in 0..arbitrary::TASKS as TaskIndex {
            let view = status.task(index, &nobody()).unwrap();
            let told = events.iter().filter(|event| matches!(event, Event::AttemptEnded { task, .. } if *task == index));
            prop_assert_eq!(view.attempts.len() as u64 + view.earlier_attempts, told.count() as u64);
        }
    }
}
