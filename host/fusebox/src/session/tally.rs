//! How many tasks of a session have come to what so far.

use std::sync::{Mutex, MutexGuard, PoisonError};

use fusebox_types::{Counts, TaskStatus};

/// Counted by all workers of a session.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counts>);

impl Tally {
    /// Counts nothing of so many tasks yet.
    pub(super) fn of(total: usize) -> Self {
        Self(Mutex::new(Counts::of(total as u64)))
    }

    /// One more task is over.
    pub(super) fn add(&self, status: TaskStatus) {
        self.lock().add(status, 1);
    }

    /// What has been counted; without tasks that took several attempts.
    pub(super) fn counts(&self) -> Counts {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
