//! How many requests to an upstream are in flight at once.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The in_flight of an upstream. Each agent has an equal part of them, at least
/// one, so that one that never reads its answers leaves the others theirs.
#[derive(Debug, Default)]
pub(super) struct InFlightPermits {
    taken: Mutex<BTreeMap<String, u32>>,
    freed: Notify,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct InFlightPermit {
    upstream_state: std::sync::Arc<super::UpstreamState>,
    who: String,
}

impl InFlightPermits {
    /// Takes a place if one is free.
    fn try_take(&self, who: &str, most: u32, part: u32) -> bool {
        let mut taken = self.lock();
        let all: u32 = taken.values().sum();
        let own = taken.entry(who.to_owned()).or_default();
        let free = all < most && *own < part.max(1);
        *own += u32::from(free);
        free
    }

    fn give_back(&self, who: &str) {
        if let Some(own) = self.lock().get_mut(who) {
            *own = own.saturating_sub(1);
        }
        self.freed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u32>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InFlightPermit {
    /// Waits for a place, however long that takes. Meanwhile the request is `Queued`
    /// on its attempt's clock.
    pub(super) async fn take(
        upstream_state: std::sync::Arc<super::UpstreamState>,
        who: &str,
        most: u32,
        part: u32,
    ) -> Self {
        loop {
            // Asked to be told before looking: what is freed between is heard.
            let freed = upstream_state.in_flight.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if upstream_state.in_flight.try_take(who, most, part) {
                break;
            }
            freed.await;
        }
        let who = who.to_owned();
        Self { upstream_state, who }
    }
}

impl Drop for InFlightPermit {
    fn drop(&mut self) {
        self.upstream_state.in_flight.give_back(&self.who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::time::{Duration, timeout};

    #[tokio::test(start_paused = true)]
    async fn an_agent_takes_its_part_and_waits_for_more() {
        let upstream_state = Arc::new(super::super::UpstreamState::new(1));
        let take = |who: &'static str| InFlightPermit::take(upstream_state.clone(), who, 4, 2);
        let soon = Duration::from_millis(1);
        let first = take("a").await;
        let _second = take("a").await;
        assert!(timeout(soon, take("a")).await.is_err());
        let _others = [take("b").await, take("b").await];
        assert!(timeout(soon, take("c")).await.is_err(), "all four are taken");
        let waiting = tokio::spawn(InFlightPermit::take(upstream_state.clone(), "a", 4, 2));
        tokio::task::yield_now().await;
        drop(first);
        assert!(timeout(soon, waiting).await.is_ok());
    }
}
