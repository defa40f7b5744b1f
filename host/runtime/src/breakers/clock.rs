//! The clock that breakers go by.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use fusebox_system::wall_clock;

/// Time since a session's start, and what that is for people.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    began: Timestamp,
}

impl Clock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
            began: wall_clock::now(),
        }
    }

    /// The time since its start.
    pub fn now(self) -> Duration {
        self.started.elapsed()
    }

    /// So many milliseconds before a moment on this clock, as a date and time.
    pub(super) fn before(self, at: Duration, ago_ms: u64) -> Timestamp {
        let ago = Duration::from_millis(ago_ms);
        self.timestamp(at).checked_sub(ago).unwrap_or(Timestamp::MIN)
    }

    /// A moment on this clock, as a date and time.
    pub fn timestamp(self, at: Duration) -> Timestamp {
        self.began.checked_add(at).unwrap_or(Timestamp::MAX)
    }
}
