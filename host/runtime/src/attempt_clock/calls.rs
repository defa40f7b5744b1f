//! What requests hold of the clock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

use super::stoppable::{Change, StoppableClock};

/// The clock of an attempt, for its requests. Its clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct CallClock(Arc<Mutex<Watched>>);

#[derive(Debug)]
struct Watched {
    clock: StoppableClock,
    /// Whoever waits for its end while it stands.
    watcher: Option<Waker>,
}

/// A request stands in a queue of the host's own, until this is dropped.
#[derive(Debug)]
pub(crate) struct Queued(CallClock);

/// Something is held that others may wait for, until this is dropped: meanwhile the
/// clock goes.
#[derive(Debug)]
pub(crate) struct Holding(CallClock);

impl CallClock {
    pub(super) fn new(clock: StoppableClock) -> Self {
        let watcher = None;
        Self(Arc::new(Mutex::new(Watched { clock, watcher })))
    }

    /// One of an attempt that has begun now.
    #[cfg(test)]
    pub(crate) fn start(limit: Duration) -> Self {
        Self::new(StoppableClock::new(limit, Instant::now()))
    }

    /// A request begins to wait.
    pub(crate) fn queued(&self) -> Queued {
        self.change(Change::Queued);
        Queued(self.clone())
    }

    /// Something is held.
    pub(crate) fn holding(&self) -> Holding {
        self.change(Change::Held);
        Holding(self.clone())
    }

    /// The attempt's whole time.
    pub(crate) fn limit(&self) -> Duration {
        self.state().limit()
    }

    /// What is left of it.
    pub(crate) fn left(&self) -> Duration {
        self.state().left(Instant::now())
    }

    /// Whether it stands now.
    pub(crate) fn is_stopped(&self) -> bool {
        self.state().ends().is_none()
    }

    /// When nothing is left, if it goes from now on.
    pub(crate) fn ends_if_it_goes(&self) -> Instant {
        let now = Instant::now();
        now + self.state().left(now)
    }

    pub(super) fn state(&self) -> StoppableClock {
        self.lock().clock
    }

    /// When nothing is left; none while it stands, and then this is woken once it
    /// goes.
    pub(super) fn ends_or_wakes(&self, waker: &Waker) -> Option<Instant> {
        let mut watched = self.lock();
        let ends = watched.clock.ends();
        watched.watcher = ends.is_none().then(|| waker.clone());
        ends
    }

    /// The guest waits or runs. Whoever watches is where the guest is polled, and looks
    /// again after that: it is not woken, or it would poll the guest for ever.
    pub(super) fn guest(&self, change: Change) {
        self.lock().clock.change(change, Instant::now());
    }

    fn change(&self, change: Change) {
        let woken = {
            let mut watched = self.lock();
            let goes_on = watched.clock.change(change, Instant::now());
            goes_on.then(|| watched.watcher.take()).flatten()
        };
        woken.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.0.change(Change::LeftQueue);
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.0.change(Change::Released);
    }
}
