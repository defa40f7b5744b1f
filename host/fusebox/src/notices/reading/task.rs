//! Tasks without which the session has failed.

use crate::config::{NoticeLevel, NoticeTopic};
use crate::notices::alert::{Alert, AlertChange, Lasts};
use crate::session::Graph;
use fusebox_events::TaskRecord;
use fusebox_resilience::GiveUp;
use fusebox_system::wall_clock;
use fusebox_types::TaskIndex;

/// That the session will fail, if it will because of this task. That is one
/// alert, however many such tasks there are.
pub(super) fn ended(graph: &Graph, index: TaskIndex, record: &TaskRecord) -> Option<AlertChange> {
    let task = graph.task(index)?;
    let is_unfinished = record.status.is_unfinished();
    let is_missed = task.required && !record.status.is_usable() && !is_unfinished;
    if !is_missed && record.reason != Some(GiveUp::FailsSession) {
        return None;
    }
    let what = what(&task.id, record);
    let alert = Alert::new(
        NoticeTopic::Session,
        NoticeLevel::Critical,
        "session:will-fail",
        wall_clock::now(),
        &what,
    );
    let why = why(record);
    let next = record.failure.as_ref().map_or(
        "the other tasks go on; it can run again once what it depends on succeeds",
        |failure| failure.code.advice().next,
    );
    let alert = alert.because(&why).then(next);
    Some(AlertChange::Begins(alert.lasting(Lasts::UntilEnded)))
}

fn what(task: &str, record: &TaskRecord) -> String {
    match said_by_policy(record) {
        Some(_) => format!("the session will fail: its degradation policy ended it at task {task}"),
        None => format!("the session will fail: task {task} is required and has nothing"),
    }
}

fn why(record: &TaskRecord) -> String {
    match (said_by_policy(record), &record.failure, record.reason) {
        (Some(said), ..) => said.to_owned(),
        (None, Some(failure), _) => match record.not_before {
            Some(time) => format!("{failure}; not before {}", crate::report::not_before(time)),
            None => failure.to_string(),
        },
        (None, None, Some(reason)) => reason.name().to_owned(),
        (None, None, None) => String::new(),
    }
}

/// What a policy said that ended the session at this task.
fn said_by_policy(record: &TaskRecord) -> Option<&str> {
    let failure = record.failure.as_ref()?;
    let said = failure.context.iter().rfind(|(key, _)| key == "degradation")?;
    (record.reason == Some(GiveUp::FailsSession)).then_some(&said.1)
}
