//! Waiting for room for a sandbox.

use std::time::Duration;

use tokio::time::Instant;

/// How long to wait when there was no room for a sandbox, unless one becomes
/// free before.
pub(super) const WAIT: Duration = Duration::from_millis(20);
/// For how long to wait so before the task fails.
const LIMIT: Duration = Duration::from_secs(60);

/// Since when there has been no room for a task, if there is none.
#[derive(Debug, Default)]
pub(super) struct NoRoom(Option<Instant>);

impl NoRoom {
    /// Notes that there is no room now; whether the task may wait any longer.
    pub(super) fn may_wait(&mut self, now: Instant) -> bool {
        let since = *self.0.get_or_insert(now);
        now.duration_since(since) < LIMIT
    }

    /// Notes that there was room.
    pub(super) fn clear(&mut self) {
        self.0 = None;
    }
}
