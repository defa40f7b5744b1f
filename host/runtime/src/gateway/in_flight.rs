//! How many requests to an upstream are in flight at once: the queue under a lock, and
//! whoever has to hear of its changes.

mod permit;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

pub(super) use self::permit::InFlightPermit;
use super::service::Current;
use fusebox_resilience::in_flight::{AdaptiveLimit, Places};
use fusebox_upstream::rules::UpstreamLimits;

/// Wakes one that waits for a place.
type Waker = oneshot::Sender<()>;

/// How much an upstream is asked at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpstreamLoad {
    /// Requests that have a place.
    pub in_use: u32,
    /// Requests that wait for one.
    pub waiting: usize,
    /// Places that there are now: fewer than `in_flight` while the service shows that
    /// this is too much.
    pub limit: u32,
    /// Places by the configuration.
    pub in_flight: u32,
}

/// The requests to an upstream that are in flight or wait until they may be.
#[derive(Debug)]
pub(super) struct InFlight {
    upstream: Box<str>,
    /// Where its rules are, as they are now.
    services: Current,
    started: Instant,
    queue: Mutex<Queue>,
}

#[derive(Debug)]
struct Queue {
    places: Places<Waker>,
    limit: AdaptiveLimit,
    /// The rules that were seen last: an upstream may be gone from the configuration
    /// while requests to it are in flight.
    in_flight: u32,
    is_adaptive: bool,
}

impl Queue {
    fn new(rules: &UpstreamLimits) -> Self {
        Self {
            places: Places::default(),
            limit: AdaptiveLimit::default(),
            in_flight: rules.in_flight,
            is_adaptive: rules.adaptive,
        }
    }

    fn follow(&mut self, rules: &UpstreamLimits) {
        (self.in_flight, self.is_adaptive) = (rules.in_flight, rules.adaptive);
        if !self.is_adaptive {
            self.limit = AdaptiveLimit::default();
        }
    }

    /// Places that there are now.
    fn limit(&self) -> u32 {
        self.limit.current(self.in_flight)
    }

    fn load(&self) -> UpstreamLoad {
        UpstreamLoad {
            in_use: self.places.in_use(),
            waiting: self.places.waiting(),
            limit: self.limit(),
            in_flight: self.in_flight,
        }
    }
}

impl InFlight {
    pub(super) fn new(upstream: &str, services: Current) -> Self {
        Self {
            upstream: upstream.into(),
            services,
            started: Instant::now(),
            queue: Mutex::new(Queue::new(&UpstreamLimits::default())),
        }
    }

    pub(super) fn load(&self) -> UpstreamLoad {
        self.lock().load()
    }

    /// Follows rules that may have changed.
    pub(super) fn reloaded(&self) {
        self.change(|_| ());
    }

    /// Changes the queue, and wakes as many as there are places then, in their order.
    fn change<R>(&self, change: impl FnOnce(&mut Queue) -> R) -> R {
        let now = self.started.elapsed();
        let mut queue = self.lock();
        let before = queue.limit();
        if let Some(service) = self.services.load().by_name.get(&*self.upstream) {
            queue.follow(service.limits());
        }
        let result = change(&mut queue);
        let limit = queue.limit();
        while let Some(waker) = queue.places.give_next(limit, now) {
            // One that went away meanwhile gives its place back when it is dropped.
            let _ = waker.send(());
        }
        drop(queue);
        if limit != before {
            tracing::debug!(
                "upstream {}: {limit} requests in flight at once, was {before}",
                self.upstream
            );
        }
        result
    }

    /// When one that has waited since then is told that the queue stands still.
    fn stalls_at(&self, since: Instant) -> Instant {
        let since = since.saturating_duration_since(self.started);
        self.at(self.lock().places.stalls_at(since))
    }

    fn at(&self, time: Duration) -> Instant {
        self.started + time
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
