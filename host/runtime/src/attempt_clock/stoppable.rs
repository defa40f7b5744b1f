//! When the clock stands.

use std::time::Duration;

use tokio::time::Instant;

/// A clock that stands while an attempt waits in the host's own queue, holds nothing
/// that others may wait for, and its guest is suspended. An attempt that holds something
/// is charged for all its waits: else two that wait for each other's places would wait
/// for ever.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoppableClock {
    limit: Duration,
    began: Instant,
    /// For how long it stood, but for the stop that is not over.
    stopped: Duration,
    /// Since when it stands.
    since: Option<Instant>,
    /// Requests that wait in a queue.
    queued: u32,
    /// Requests that were sent and have not ended, and other waits that are charged.
    held: u32,
    /// Whether the guest waits for something.
    is_suspended: bool,
}

/// What can stop it or let it go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// A request begins to wait in a queue.
    Queued,
    /// One does not any more.
    LeftQueue,
    /// Something is held.
    Held,
    /// It is not any more.
    Released,
    /// The guest waits.
    Suspended,
    /// The guest runs.
    Resumed,
}

impl StoppableClock {
    /// It goes: the guest runs and has asked for nothing.
    pub(super) const fn new(limit: Duration, began: Instant) -> Self {
        Self {
            limit,
            began,
            stopped: Duration::ZERO,
            since: None,
            queued: 0,
            held: 0,
            is_suspended: false,
        }
    }

    pub(super) const fn limit(&self) -> Duration {
        self.limit
    }

    /// Something changes now; whether it goes on that stood.
    pub(super) fn change(&mut self, change: Change, now: Instant) -> bool {
        match change {
            Change::Queued => self.queued = self.queued.saturating_add(1),
            Change::LeftQueue => self.queued = self.queued.saturating_sub(1),
            Change::Held => self.held = self.held.saturating_add(1),
            Change::Released => self.held = self.held.saturating_sub(1),
            Change::Suspended => self.is_suspended = true,
            Change::Resumed => self.is_suspended = false,
        }
        let stands = self.queued > 0 && self.held == 0 && self.is_suspended;
        match (stands, self.since) {
            // What is over by now stays so.
            (true, None) if !self.left(now).is_zero() => self.since = Some(now),
            (false, Some(since)) => {
                self.stopped = self.stopped.saturating_add(now.saturating_duration_since(since));
                self.since = None;
                return true;
            }
            _ => {}
        }
        false
    }

    /// Time since the attempt began.
    pub(super) fn wall(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }

    /// For how long of it the clock stood.
    pub(super) fn stopped(&self, now: Instant) -> Duration {
        let current = self.since.map(|since| now.saturating_duration_since(since));
        self.stopped.saturating_add(current.unwrap_or_default())
    }

    /// For how long it went.
    pub(super) fn charged(&self, now: Instant) -> Duration {
        self.wall(now).saturating_sub(self.stopped(now))
    }

    pub(super) fn left(&self, now: Instant) -> Duration {
        self.limit.saturating_sub(self.charged(now))
    }

    /// When nothing is left, if it goes; none while it stands.
    pub(super) fn ends(&self) -> Option<Instant> {
        match self.since {
            None => Some(self.began + self.limit + self.stopped),
            Some(_) => None,
        }
    }
}
