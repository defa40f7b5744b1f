use std::time::Duration;

use super::*;
use crate::session::Task;
use fusebox_events::AttemptRecord;
use fusebox_types::failure::{Code, Failure};
use fusebox_types::{InstanceId, Lines, Output, Usage};

fn summary() -> Summary {
    of_task(false)
}

/// Of a session that has failed without its only task.
fn required() -> Summary {
    of_task(true)
}

fn of_task(required: bool) -> Summary {
    let task = Task {
        id: "task".into(),
        agent: 0,
        input: Arc::new(Output {
            content_type: "text/plain".into(),
            bytes: Vec::new(),
        }),
        settings: None,
        after: Box::default(),
        required,
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
            is_free: false,
        },
        lines: Lines::default(),
    }
}

fn held(number: i64) -> Event {
    let failure = Failure::new(Code::ShedBreaker, "it is open").with("upstream", "llm");
    let record = TaskRecord {
        failure: Some(Arc::new(failure)),
        not_before: Some(at(number)),
        ..TaskRecord::new(TaskStatus::Held)
    };
    Event::TaskEnded { task: 0, record }
}

fn hold(seconds: i64, tasks: u64) -> Event {
    Event::Hold {
        by: "upstream:llm".into(),
        at: at(seconds),
        until: Some(at(seconds + 10)),
        tasks,
    }
}

/// A session whose only task was held from the fifth second on.
fn held_back() -> Summary {
    let mut summary = required();
    let ended = Event::SessionEnded {
        at: at(12),
        ran: Duration::from_secs(12),
        status: SessionStatus::Held,
    };
    for event in [began(), hold(5, 1), held(15), ended] {
        summary.note(&event);
    }
    summary
}

#[test]
fn what_is_held_is_neither_failed_nor_missing_and_one_command_takes_it_up() {
    let summary = held_back();
    let failure = summary.partial_failure();
    assert_eq!(failure.message, "0 of 1 task succeeded, 1 held");
    assert_eq!((failure.held, failure.counts.held), (vec!["task".to_owned()], 1));
    assert!(failure.failures.is_empty() && failure.required_missing.is_empty());
    let resumable = Resumable {
        folder: "my out".into(),
        config: crate::config::Config::default(),
    };
    let recovery = summary.recovery(Some(&resumable));
    let [option] = &recovery[..] else {
        panic!("{recovery:?}")
    };
    assert_eq!(
        (&*option.action, &*option.command),
        ("resume", "fusebox resume 'my out'")
    );
    assert!(
        option
            .why
            .contains("upstream llm is not asked until 1970-01-12 13:46:55 UTC"),
        "{}",
        option.why
    );
    let mut bytes = Vec::new();
    crate::report::print_summary(&mut bytes, &summary, std::path::Path::new("my out")).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches("fusebox resume 'my out'").count(), 1, "{text}");
    assert!(text.contains("Held (1)"), "{text}");
    assert!(!text.contains("What went wrong"), "{text}");
}

#[test]
fn the_report_has_who_held_how_many_for_how_long() {
    let holds = held_back().holds();
    let [hold] = &holds[..] else { panic!("{holds:?}") };
    assert_eq!(
        (&*hold.by, hold.tasks, hold.most_tasks, hold.total_ms),
        ("upstream:llm", 1, 1, 7000)
    );
    assert_eq!(
        (hold.since.clone(), hold.until.clone()),
        (time(at(5)), Some(time(at(15))))
    );
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

/// An attempt of the task by an agent, its own if none is named.
fn attempt(number: u32, agent: Option<&str>, failure: Option<Failure>) -> Event {
    let Event::AttemptEnded { task, attempt, lines } = failed(number) else {
        panic!("an attempt");
    };
    let attempt = AttemptRecord {
        agent: agent.map(Into::into),
        failure: failure.map(Arc::new),
        ..attempt
    };
    Event::AttemptEnded { task, attempt, lines }
}

fn patterns_of(events: impl IntoIterator<Item = Event>) -> Vec<PatternEntry> {
    let mut summary = summary();
    summary.note(&began());
    events.into_iter().for_each(|event| summary.note(&event));
    summary.note(&Event::SessionEnded {
        at: at(1000),
        ran: Duration::from_secs(1000),
        status: SessionStatus::Failed,
    });
    summary.patterns()
}

#[test]
fn attempts_of_an_agent_that_stood_in_are_filed_under_it() {
    let reset = || Some(Failure::new(Code::HttpReset, "no"));
    let patterns = patterns_of((1..=20).map(|number| attempt(number, Some("other"), reset())));
    let [pattern] = &patterns[..] else {
        panic!("{patterns:?}")
    };
    assert_eq!(pattern.instances.len(), 2);
    assert!(
        pattern
            .instances
            .iter()
            .all(|instance| instance.starts_with("other/"))
    );
}

/// A single instance that fails in the same way each time.
#[test]
fn the_same_failure_of_one_instance_is_a_pattern_only_if_a_task_succeeded_after_it() {
    let panics =
        || (1..=20).map(|number| attempt(2 * number, None, Some(Failure::new(Code::TrapPanic, "no"))));
    assert_eq!(patterns_of(panics()), vec![]);
    let mended = patterns_of(panics().chain([attempt(42, None, None)]));
    let [pattern] = &mended[..] else {
        panic!("{mended:?}")
    };
    assert!(
        pattern.recommendation.contains("can mend the rest"),
        "{pattern:?}"
    );
}
