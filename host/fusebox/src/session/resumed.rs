//! What a session that is resumed begins with.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::job::ResumedKeys;
use super::scheduler::Settled;
use super::task_input::settled;
use fusebox_events::TaskRecord;
use fusebox_resilience::GiveUp;
use fusebox_runtime::policies::PastAttempt;
use fusebox_types::{Output, TaskIndex, TaskStatus};

/// What is over of a session already, and how far the rest has come. A new
/// session begins with nothing.
#[derive(Debug, Default)]
pub struct ResumeState {
    /// When the session began.
    pub(super) began: Option<Timestamp>,
    /// For how long earlier processes ran it.
    pub(super) ran: Duration,
    /// The tasks that are over.
    pub(super) over: HashMap<TaskIndex, Over>,
    /// What those hand to tasks that are not over.
    pub(super) results: HashMap<TaskIndex, Settled>,
    /// The tasks that are not over and were tried.
    pub(super) attempted: HashMap<TaskIndex, Attempted>,
    /// What is known of their idempotency keys.
    pub(super) keys: ResumedKeys,
}

/// What a task that is over means for its session.
#[derive(Debug, Clone, Copy)]
pub struct Over {
    /// What it came to.
    pub(crate) status: TaskStatus,
    /// Whether anything is there.
    pub(crate) has_result: bool,
    /// Why nothing more was tried.
    pub(crate) reason: Option<GiveUp>,
}

/// A task that was tried and is not over.
#[derive(Debug)]
pub struct Attempted {
    /// The number of the first attempt that counts towards how many may be made:
    /// a task that a person has run again has all of them once more.
    pub(crate) first: u32,
    /// The number of the attempt that is due.
    pub(crate) next: u32,
    /// How long the wait before that attempt is in all.
    pub(crate) delay: Duration,
    /// What is left of that wait.
    pub(crate) wait: Duration,
    /// How much of that somebody outside asked for.
    pub(crate) asked: Duration,
    /// The attempts that count and failed, oldest first.
    pub(crate) failed: Vec<PastAttempt>,
    /// What its guest handed in last of a result, or why that is gone.
    pub(crate) partial: Option<Result<Arc<Output>, String>>,
    /// What its guest handed in last to stand in for a result, or why that is
    /// gone.
    pub(crate) fallback: Option<Result<Arc<Output>, String>>,
}

/// Tasks that wait for a time which somebody outside asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedWaits {
    /// How many there are.
    pub tasks: usize,
    /// How long the last of them waits.
    pub longest: Duration,
}

impl Attempted {
    /// How long it waits on, under rules by which no wait is longer than this.
    /// What somebody outside asked for is not undercut.
    pub(super) fn waits(&self, max_delay: Duration) -> Duration {
        self.wait.min(max_delay).max(self.asked)
    }
}

impl ResumeState {
    /// A session that began then and ran for so long, of which nothing is over.
    pub(crate) fn since(began: Timestamp, ran: Duration) -> Self {
        Self {
            began: Some(began),
            ran,
            ..Self::default()
        }
    }

    /// The tasks that wait for a time which somebody outside asked for; none if none do.
    pub fn asked_waits(&self) -> Option<AskedWaits> {
        let asked = self.attempted.values().map(|attempted| attempted.asked);
        let asked: Vec<Duration> = asked.filter(|asked| !asked.is_zero()).collect();
        let longest = asked.iter().copied().max()?;
        Some(AskedWaits {
            tasks: asked.len(),
            longest,
        })
    }

    /// A task is over.
    pub(crate) fn is_over(&mut self, task: TaskIndex, over: Over) {
        self.over.insert(task, over);
    }

    /// A task that is over hands this to those that depend on it.
    pub(crate) fn hands_on(&mut self, task: TaskIndex, record: &TaskRecord) {
        self.results.insert(task, settled(record));
    }

    /// What is known of the tasks' idempotency keys.
    pub(crate) fn keys(&mut self, keys: ResumedKeys) {
        self.keys = keys;
    }

    /// A task that is not over goes on from here.
    pub(crate) fn goes_on(&mut self, task: TaskIndex, attempted: Attempted) {
        self.attempted.insert(task, attempted);
    }
}
