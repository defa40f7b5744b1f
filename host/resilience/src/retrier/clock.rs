//! The time that retries go by, handed in.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// Time and waiting.
pub trait Clock: Send + Sync {
    /// Time since a moment that stays the same. Never runs backwards.
    fn now(&self) -> Duration;

    /// Waits so long.
    fn sleep(&self, wait: Duration) -> impl Future<Output = ()> + Send;
}

/// Tokio's time, which tests can pause.
#[derive(Debug, Clone, Copy)]
pub struct TokioClock {
    started: Instant,
}

impl TokioClock {
    /// A clock that starts now.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Default for TokioClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, wait: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(wait)
    }
}
