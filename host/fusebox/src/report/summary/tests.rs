use std::time::Duration;

use super::*;
use crate::session::Task;
use fusebox_events::AttemptRecord;
use fusebox_types::failure::{Code, Failure};
use fusebox_types::{InstanceId, Lines, Output, Usage};

fn summary() -> Summary {
    let task = Task {
        id: "task".into(),
        agent: 0,
        input: Arc::new(Output {
            content_type: "text/plain".into(),
            bytes: Vec::new(),
        }),
        settings: None,
        after: Box::default(),
        required: false,
        on_upstream_failure: None,
        fallback: None,
    };
    let graph = Graph::new(vec![task], vec!["agent".into()]).unwrap();
    Summary::new("s".into(), "s.yaml".into(), Arc::new(graph))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::new(1_000_000 + seconds, 0).unwrap()
}

fn began() -> Event {
    Event::SessionStarted {
        at: at(0),
        seed: 1,
        ran: Duration::ZERO,
    }
}

fn failed(number: u32) -> Event {
    Event::AttemptEnded {
        task: 0,
        attempt: AttemptRecord {
            number,
            agent: None,
            instance: InstanceId::new(["one", "other"][number as usize % 2]),
            started: at(10 * i64::from(number)),
            delay_before: Duration::ZERO,
            usage: Usage::default(),
            failure: Some(Arc::new(Failure::new(Code::TrapPanic, "no"))),
        },
        lines: Lines::default(),
    }
}

/// They are told before the session's beginning, and a session that is looked at
/// in its directory tells them after it.
#[test]
fn failures_from_before_a_session_was_gone_on_with_keep_their_times() {
    let ended = Event::SessionEnded {
        at: at(1000),
        ran: Duration::from_secs(1000),
        status: SessionStatus::Failed,
    };
    let patterns = |events: Vec<Event>| {
        let mut summary = summary();
        events.iter().for_each(|event| summary.note(event));
        summary.note(&ended);
        summary.patterns()
    };
    let attempts = || (1..=20).map(failed);
    let gone_on = patterns(attempts().chain([began()]).collect());
    assert_eq!(
        gone_on,
        patterns([began()].into_iter().chain(attempts()).collect())
    );
    let [pattern] = &gone_on[..] else {
        panic!("{gone_on:?}")
    };
    assert_eq!((&pattern.first, &pattern.last), (&time(at(10)), &time(at(200))));
}
