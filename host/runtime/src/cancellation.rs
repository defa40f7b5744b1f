//! Who was told to stop: the whole session, or single tasks; and whether it was
//! a policy that gave the session up.
//!
//! The sandbox asks at each tick of its clock and while it waits, so asking is
//! cheap when nobody cancels: one look at a flag. Nothing is made for a task
//! until it is cancelled.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use fusebox_types::TaskIndex;

/// In how many parts the tasks are kept: cancelling one task wakes those that
/// wait in its part, not all ten thousand that may be waiting.
const SHARDS: usize = 64;

/// What was cancelled in a session.
#[derive(Debug)]
pub struct Cancellation {
    session: CancellationToken,
    given_up: AtomicBool,
    shards: [Shard; SHARDS],
    /// Single tasks that were cancelled since somebody last asked.
    fresh: Mutex<Vec<TaskIndex>>,
    any_fresh: Notify,
}

#[derive(Debug, Default)]
struct Shard {
    /// Whether `tasks` holds any.
    any: AtomicBool,
    tasks: Mutex<HashSet<TaskIndex>>,
    changed: Notify,
}

impl Cancellation {
    /// Nothing is cancelled yet. This token cancels the session; what ends the
    /// session does not cancel it, since it may be that of others too.
    pub fn new(session: CancellationToken) -> Self {
        Self {
            session: session.child_token(),
            given_up: AtomicBool::new(false),
            shards: std::array::from_fn(|_| Shard::default()),
            fresh: Mutex::default(),
            any_fresh: Notify::new(),
        }
    }

    /// What cancels the session.
    pub fn session(&self) -> &CancellationToken {
        &self.session
    }

    /// Ends the session because a policy says that it is lost: whatever is under
    /// way or not begun is cancelled. What is cancelled already stays so.
    pub fn give_up(&self) {
        if !self.session.is_cancelled() {
            self.given_up.store(true, Ordering::Release);
            self.session.cancel();
        }
    }

    /// Whether a policy has ended the session.
    pub fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    /// Who ended what was cancelled, in words.
    pub fn why(&self) -> &'static str {
        if self.is_given_up() {
            "cancelled with the session, which its degradation policy ended"
        } else {
            "cancelled by the operator"
        }
    }

    /// Cancels one task: whatever it does or waits for ends at once, or it is
    /// never begun.
    pub fn cancel_task(&self, task: TaskIndex) {
        if let Some(shard) = self.shard(task) {
            shard.tasks().insert(task);
            shard.any.store(true, Ordering::Release);
            shard.changed.notify_waiters();
        }
        self.fresh().push(task);
        self.any_fresh.notify_one();
    }

    /// Waits until single tasks are cancelled, and names them. For one who asks
    /// again and again: each is named once.
    pub async fn next_cancelled(&self) -> Vec<TaskIndex> {
        loop {
            let fresh = std::mem::take(&mut *self.fresh());
            if !fresh.is_empty() {
                return fresh;
            }
            self.any_fresh.notified().await;
        }
    }

    /// Whether a task is to stop, by itself or with its session.
    pub fn is_cancelled(&self, task: TaskIndex) -> bool {
        self.session.is_cancelled() || self.is_task_cancelled(task)
    }

    /// Whether a task was cancelled by itself.
    pub fn is_task_cancelled(&self, task: TaskIndex) -> bool {
        self.shard(task).is_some_and(|shard| shard.holds(task))
    }

    /// Waits until a task is to stop, by itself or with its session.
    pub async fn cancelled(&self, task: TaskIndex) {
        tokio::select! {
            biased;
            () = self.session.cancelled() => {}
            () = self.task_cancelled(task) => {}
        }
    }

    async fn task_cancelled(&self, task: TaskIndex) {
        let Some(shard) = self.shard(task) else {
            return std::future::pending().await;
        };
        loop {
            // Made before the look, so that what comes after it is heard.
            let changed = shard.changed.notified();
            if shard.holds(task) {
                return;
            }
            changed.await;
        }
    }

    fn fresh(&self) -> MutexGuard<'_, Vec<TaskIndex>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, task: TaskIndex) -> Option<&Shard> {
        self.shards.get(task as usize % SHARDS)
    }
}

impl Shard {
    fn holds(&self, task: TaskIndex) -> bool {
        self.any.load(Ordering::Acquire) && self.tasks().contains(&task)
    }

    fn tasks(&self) -> MutexGuard<'_, HashSet<TaskIndex>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// A neighbour in the same part is woken and goes on waiting.
    #[tokio::test]
    async fn one_task_is_cancelled_and_its_neighbours_are_not() {
        let cancellation = Cancellation::new(CancellationToken::new());
        let neighbour = 3 + SHARDS as TaskIndex;
        let mut waits = std::pin::pin!(cancellation.cancelled(3));
        let mut other = std::pin::pin!(cancellation.cancelled(neighbour));
        assert!(waits.as_mut().now_or_never().is_none() && other.as_mut().now_or_never().is_none());
        cancellation.cancel_task(3);
        assert!(waits.now_or_never().is_some() && other.as_mut().now_or_never().is_none());
        assert!(cancellation.is_cancelled(3) && !cancellation.is_cancelled(neighbour));
        cancellation.session().cancel();
        assert!(other.now_or_never().is_some() && cancellation.is_cancelled(neighbour));
        assert!(!cancellation.is_task_cancelled(neighbour));
    }

    #[test]
    fn a_session_that_is_given_up_is_cancelled_and_its_callers_others_are_not() {
        let callers = CancellationToken::new();
        let cancellation = Cancellation::new(callers.clone());
        assert!(!cancellation.is_given_up());
        cancellation.give_up();
        assert!(cancellation.is_given_up() && cancellation.is_cancelled(0));
        assert!(!callers.is_cancelled());
        let cancellation = Cancellation::new(callers.clone());
        callers.cancel();
        cancellation.give_up();
        assert!(cancellation.is_cancelled(0) && !cancellation.is_given_up());
    }

    #[tokio::test]
    async fn a_task_that_was_cancelled_before_does_not_wait() {
        let cancellation = Cancellation::new(CancellationToken::new());
        cancellation.cancel_task(7);
        assert!(cancellation.cancelled(7).now_or_never().is_some());
    }
}
