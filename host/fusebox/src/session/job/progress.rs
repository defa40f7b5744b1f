//! How far a task has come: all that is kept of it between its attempts.

use super::chain::Chain;
use super::no_room::NoRoom;
use super::placement::Placement;
use super::retries::Retries;
use super::salvage::Salvage;
use crate::session::graph::Task;
use crate::session::resumed::Attempted;
use crate::session::scheduler::Settled;

/// How far a task has come. While it waits, this is all that there is of it.
#[derive(Debug)]
pub(in crate::session) struct Progress {
    /// What it is handed by others; none before its first attempt.
    pub(super) handed: Option<Vec<Settled>>,
    pub(super) retries: Retries,
    pub(super) placement: Placement,
    pub(super) salvage: Salvage,
    pub(super) no_room: NoRoom,
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
            chain: None,
        }
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
        assert_eq!(size_of::<Progress>(), 240);
    }
}
