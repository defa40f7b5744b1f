//! How far a task has come: all that is kept of it between its attempts.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::fallback::Walk;
use crate::policies::PastAttempt;
use crate::session::graph::Task;
use crate::session::resumed::Attempted;
use crate::session::scheduler::Settled;
use fusebox_resilience::RetryState;
use fusebox_types::failure::Failure;
use fusebox_types::{InstanceId, Output};

/// How far a task has come. While it waits, this is all that there is of it.
#[derive(Debug)]
pub(in crate::session) struct Progress {
    /// What it is handed by others; none before its first attempt.
    pub(in crate::session) handed: Option<Vec<Settled>>,
    /// The agent that carries it out: the task's own, or one that stands in.
    pub(super) agent: u16,
    /// The number of that agent's first attempt.
    pub(super) first: u32,
    /// The number of the attempt that is due, from 1.
    pub(super) number: u32,
    /// The instance that had it last.
    pub(super) instance: Option<InstanceId>,
    /// The instances that failed at it by their own doing, the last one last.
    pub(super) failed_on: Vec<InstanceId>,
    /// The instances of the agent that have tried it.
    pub(super) tried: Vec<InstanceId>,
    /// How far that agent has come.
    pub(super) retries: RetryState,
    /// Since when there has been no room for it.
    pub(super) no_room_since: Option<Instant>,
    /// The upstream that the last attempt called.
    pub(super) upstream: Option<Arc<str>>,
    /// The last failed attempts, oldest first.
    pub(super) history: Vec<PastAttempt>,
    /// What the last attempt failed with.
    pub(super) previous: Option<Arc<Failure>>,
    /// What there is of a result that is not whole.
    pub(super) partial: Option<Arc<Output>>,
    /// What the guest handed in to stand in for a result.
    pub(super) fallback: Option<Arc<Output>>,
    /// Why what the guest handed in last was not kept, by what it was.
    pub(super) dropped: BTreeMap<&'static str, String>,
    /// The chain of fallbacks that it is in, if it is in one.
    pub(super) walk: Option<Box<Walk>>,
}

impl Progress {
    /// A task of which nothing was tried yet.
    pub(in crate::session) fn none(task: &Task) -> Self {
        Self {
            handed: None,
            agent: task.agent,
            first: 1,
            number: 1,
            instance: None,
            failed_on: Vec::new(),
            tried: Vec::new(),
            retries: RetryState::default(),
            no_room_since: None,
            upstream: None,
            history: Vec::new(),
            previous: None,
            partial: None,
            fallback: None,
            dropped: BTreeMap::new(),
            walk: None,
        }
    }

    /// A task that was tried before the session was resumed.
    pub(in crate::session) fn after(task: &Task, attempted: Attempted) -> Self {
        let tries = attempted.next.saturating_sub(attempted.first).saturating_add(1);
        let mut progress = Self {
            first: attempted.first,
            number: attempted.next,
            retries: RetryState::resumed(tries, attempted.delay),
            ..Self::none(task)
        };
        for failed in attempted.failed {
            progress.previous = Some(failed.failure.clone());
            failed.remember_in(&mut progress.history);
        }
        progress
    }
}
