//! Word of what may let held work go on.

use std::sync::Arc;

use tokio::sync::Notify;

use super::clock::Clock;

/// Tells one waiter that a breaker has changed. What is told while nobody waits is
/// kept for the next wait.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes(Arc<Notify>);

impl Changes {
    pub(super) fn tell(&self) {
        self.0.notify_one();
    }

    /// Ends after the next change, or at once if there was one since the last wait.
    pub(super) async fn wait(&self) {
        self.0.notified().await;
    }
}

/// What the breakers of a registry have in common.
#[derive(Debug, Clone)]
pub(super) struct Common {
    pub(super) clock: Clock,
    pub(super) changes: Changes,
}

impl Common {
    /// Of breakers that begin now.
    pub(super) fn start() -> Self {
        Self {
            clock: Clock::start(),
            changes: Changes::default(),
        }
    }
}
