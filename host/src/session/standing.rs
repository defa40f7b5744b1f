//! What a session that is gone on with begins with.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::graph::TaskIndex;
use super::handover::settled;
use super::scheduler::Settled;
use super::status::TaskStatus;
use crate::event::TaskRecord;
use crate::resilience::GiveUp;

/// What is over of a session already. A new session begins with nothing.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// When the session began.
    pub(super) began: Option<Timestamp>,
    /// For how long earlier processes ran it.
    pub(super) ran: Duration,
    /// The tasks that are over.
    pub(super) over: HashMap<TaskIndex, Over>,
    /// What those hand to tasks that are not over.
    pub(super) results: HashMap<TaskIndex, Settled>,
    /// The numbers of the next attempts of tasks that have failed before.
    pub(super) attempts: HashMap<TaskIndex, u32>,
}

/// What a task that is over means for its session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Over {
    /// What it came to.
    pub(crate) status: TaskStatus,
    /// Whether anything is there.
    pub(crate) has_result: bool,
    /// Why nothing more was tried.
    pub(crate) reason: Option<GiveUp>,
}

impl Standing {
    /// A session that began then and ran for so long, of which nothing is over.
    pub(crate) fn since(began: Timestamp, ran: Duration) -> Self {
        Self {
            began: Some(began),
            ran,
            ..Self::default()
        }
    }

    /// A task is over.
    pub(crate) fn is_over(&mut self, task: TaskIndex, over: Over) {
        self.over.insert(task, over);
    }

    /// A task that is over hands this to those that depend on it.
    pub(crate) fn hands_on(&mut self, task: TaskIndex, record: &TaskRecord) {
        self.results.insert(task, settled(record));
    }

    /// A task that is not over goes on with this attempt.
    pub(crate) fn goes_on_at(&mut self, task: TaskIndex, attempt: u32) {
        self.attempts.insert(task, attempt);
    }
}
