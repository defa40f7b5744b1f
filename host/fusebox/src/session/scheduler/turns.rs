//! What goes back and forth between the machine and its workers.

use std::time::Duration;

use super::held::{HeldBy, Stake};
use fusebox_types::TaskIndex;

/// Why a task is not run now though nothing that it depends on is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) enum Pause {
    /// It waits for its next attempt.
    Waiting,
    /// Something holds it.
    Held(HeldBy, Stake),
    /// It is held for longer than its session waits for it.
    Left,
}

/// The right to say what came of a task that was started. There is one for each
/// start, and each is used up by what it says.
#[derive(Debug)]
#[must_use = "the task stays running until this says what came of it"]
pub(in crate::session) struct Ticket {
    pub(super) task: TaskIndex,
    /// The agent for which it was started.
    pub(super) agent: u16,
}

impl Ticket {
    /// The task that was started.
    pub(in crate::session) fn task(&self) -> TaskIndex {
        self.task
    }

    /// The agent for which it was started.
    pub(in crate::session) fn agent(&self) -> u16 {
        self.agent
    }
}

/// A task that a worker has started.
#[derive(Debug)]
pub(in crate::session) struct Started<R, P> {
    pub(in crate::session) ticket: Ticket,
    /// What each task that it depends on came to, in the order of the task's
    /// dependencies; none where nothing is known.
    pub(in crate::session) results: Vec<Option<R>>,
    /// What it left when it was paused; none at its first start.
    pub(in crate::session) record: Option<P>,
    /// For how long it was held back since it was paused, or became ready.
    pub(in crate::session) held: Duration,
    /// The upstream of which it is to find out whether it is well again, if so.
    pub(in crate::session) probes: Option<u16>,
}

/// A task that is paused.
#[derive(Debug)]
pub(in crate::session) struct Paused<P> {
    pub(in crate::session) why: Pause,
    /// The agent that is to go on with it.
    pub(in crate::session) agent: u16,
    /// When it is ready again at the latest.
    pub(in crate::session) until: Duration,
    /// What it leaves.
    pub(in crate::session) record: P,
}

/// A task that was begun before this session went on with it.
#[derive(Debug)]
pub(in crate::session) struct Begun<P> {
    /// What it left.
    pub(in crate::session) record: P,
    /// When it may go on.
    pub(in crate::session) not_before: Duration,
}

/// A task that is not over when its session ends.
#[derive(Debug)]
pub(in crate::session) struct Left<P> {
    pub(in crate::session) task: TaskIndex,
    /// Whether it waits for another one.
    pub(in crate::session) is_blocked: bool,
    /// What it left; none if it had not begun.
    pub(in crate::session) record: Option<P>,
}
