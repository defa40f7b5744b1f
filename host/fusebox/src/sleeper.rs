//! The one way to wait: handed in, so that tests wait under a clock of theirs.

mod alarm;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use alarm::Alarm;

/// Waits.
#[derive(Debug, Clone, Default)]
pub enum Sleeper {
    /// By the timers of the runtime, which keep to whole milliseconds and are
    /// looked at when a guest hands its thread on. Under a paused clock they take
    /// no time at all.
    #[default]
    Runtime,
    /// By a thread that does nothing else: no guest can keep it from its work.
    Alarm(Arc<Alarm>),
}

impl Sleeper {
    /// One that is on time however busy the guests are: `push` has them hand
    /// their cores on. It is called again and again as long as one whose time
    /// has come has not begun.
    ///
    /// # Errors
    /// If its thread cannot be started.
    pub fn precise(push: impl Fn() + Send + 'static) -> io::Result<Self> {
        Ok(Self::Alarm(Arc::new(Alarm::start(push)?)))
    }

    /// Waits for so long. Whoever drops this waits no longer.
    pub(crate) async fn sleep(&self, wait: Duration) {
        match self {
            Self::Runtime => tokio::time::sleep(wait).await,
            Self::Alarm(alarm) => alarm.sleep(wait).await,
        }
    }
}
