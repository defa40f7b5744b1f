//! How far a task has come: all that is kept of it between its attempts.

use std::sync::Arc;
use std::time::Duration;

use super::chain::Chain;
use super::hold::TaskHold;
use super::no_room::NoRoom;
use super::placement::Placement;
use super::retries::Retries;
use super::salvage::Salvage;
use crate::session::graph::Task;
use crate::session::resumed::Attempted;
use crate::session::scheduler::Settled;
use fusebox_events::TaskRecord;
use fusebox_types::Output;

/// How far a task has come. While it waits, this is all that there is of it.
#[derive(Debug)]
pub(in crate::session) struct Progress {
    /// What it is handed by others; none before its first attempt.
    pub(super) handed: Option<Vec<Settled>>,
    pub(super) retries: Retries,
    pub(super) placement: Placement,
    pub(super) salvage: Salvage,
    pub(super) no_room: NoRoom,
    pub(super) hold: TaskHold,
    /// The chain of fallbacks that it is in, if it is in one.
    pub(super) chain: Option<Box<Chain>>,
}

impl Progress {
    /// A task of which nothing was tried yet.
    pub(in crate::session) fn none(task: &Task) -> Self {
        Self {
            handed: None,
            retries: Retries::default(),
            placement: Placement::on(task.agent),
            salvage: Salvage::default(),
            no_room: NoRoom::default(),
            hold: TaskHold::default(),
            chain: None,
        }
    }

    /// The agent that is to go on with it.
    pub(in crate::session) fn agent(&self) -> u16 {
        self.placement.agent()
    }

    /// The same after the task was held back for so long.
    pub(in crate::session) fn after_a_hold(mut self, held: Duration) -> Self {
        self.hold.add(held);
        self.retries.was_held(held);
        self
    }

    /// What the task comes to if its session ends before it goes on, and it is known.
    pub(in crate::session) fn take_left(&mut self) -> Option<TaskRecord> {
        self.hold.take_left()
    }

    /// What there is of the result of a task that is left.
    pub(in crate::session) fn partial(&self) -> Option<Arc<Output>> {
        self.salvage.partial().cloned()
    }

    /// A task that was tried before the session was resumed.
    pub(in crate::session) fn after(task: &Task, mut attempted: Attempted) -> Self {
        let (partial, fallback) = (attempted.partial.take(), attempted.fallback.take());
        Self {
            salvage: Salvage::resumed(partial, fallback),
            retries: Retries::resumed(attempted),
            ..Self::none(task)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A million tasks may wait, each with one of these.
    #[test]
    fn it_is_small() {
        assert_eq!(size_of::<Progress>(), 304);
    }
}
