//! What one thread grants and counts by itself while the breaker is calm.

use std::time::Duration;

use super::fast_path::{FastPath, Terms};
use crate::breaker::machine::Breaker;
use crate::breaker::permit::{Outcome, Permit};
use crate::breaker::{BreakerMode, BreakerRules};

/// A shard is closed, or open for a calm stretch.
#[derive(Debug, Default)]
pub(super) struct Shard {
    fast_path: Option<FastPath>,
    /// Quick successes that the breaker has not counted yet.
    successes: u64,
    /// The latest `now` that was seen here.
    latest: Duration,
}

impl Shard {
    /// Whether it is open.
    pub(super) const fn is_open(&self) -> bool {
        self.fast_path.is_some()
    }

    /// Opens it, unless it is open; then it is for the same calm stretch.
    pub(super) fn open(&mut self, fast_path: &FastPath) {
        if self.fast_path.is_none() {
            *self = Self {
                fast_path: Some(fast_path.clone()),
                successes: 0,
                latest: fast_path.span.start,
            };
        }
    }

    /// Closes it and has the breaker count what it has not yet.
    pub(super) fn close(&mut self, breaker: &mut Breaker) {
        if let Some(fast_path) = self.fast_path.take() {
            breaker.fold(self.successes, &fast_path.terms, self.latest);
        }
    }

    /// The generation of a permit; none if this is not for the shard to grant.
    #[inline]
    pub(super) fn acquire(&mut self, now: Duration) -> Option<u64> {
        let fast_path = self
            .fast_path
            .as_ref()
            .filter(|fast_path| fast_path.span.contains(&now))?;
        self.latest = self.latest.max(now);
        Some(fast_path.generation)
    }

    /// Takes a result in; none if this is not for the shard to count. A failure or
    /// a slow call never is, and is not to be handed in.
    #[inline]
    pub(super) fn finish(
        &mut self,
        permit: &Permit,
        outcome: Outcome,
        rules: &BreakerRules,
        now: Duration,
    ) -> Option<()> {
        let fast_path = self
            .fast_path
            .as_ref()
            .filter(|fast_path| fast_path.span.contains(&now))?;
        let counts = outcome == Outcome::Success && rules.mode != BreakerMode::Off;
        if permit.generation() != fast_path.generation || (counts && fast_path.terms != Terms::of(rules)) {
            return None;
        }
        self.latest = self.latest.max(now);
        self.successes = self.successes.saturating_add(u64::from(counts));
        Some(())
    }
}

impl Breaker {
    /// Counts quick successes that ended within a calm stretch, the last at `latest`.
    fn fold(&mut self, successes: u64, terms: &Terms, latest: Duration) {
        let at = self.clock.read(latest);
        if successes > 0 {
            self.tally
                .record_successes(successes, terms.window_calls, terms.window_time, at);
        }
    }
}
