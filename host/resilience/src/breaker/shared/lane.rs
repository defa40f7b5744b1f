//! What one thread grants and counts by itself while the circuit is calm.

use std::time::Duration;

use super::calm::{Calm, Terms};
use crate::breaker::machine::Breaker;
use crate::breaker::permit::{Outcome, Permit};
use crate::breaker::{BreakerMode, BreakerRules};

/// A lane is closed, or open for a stretch of calm.
#[derive(Debug, Default)]
pub(super) struct Lane {
    calm: Option<Calm>,
    /// Quick successes that the circuit has not counted yet.
    successes: u64,
    /// The latest `now` that was seen here.
    latest: Duration,
}

impl Lane {
    /// Whether it is open.
    pub(super) const fn is_open(&self) -> bool {
        self.calm.is_some()
    }

    /// Opens it, unless it is open; then it is for the same calm.
    pub(super) fn open(&mut self, calm: &Calm) {
        if self.calm.is_none() {
            *self = Self {
                calm: Some(calm.clone()),
                successes: 0,
                latest: calm.span.start,
            };
        }
    }

    /// Closes it and has the circuit count what it has not yet.
    pub(super) fn close(&mut self, breaker: &mut Breaker) {
        if let Some(calm) = self.calm.take() {
            breaker.fold(self.successes, &calm.terms, self.latest);
        }
    }

    /// The generation of a permit; none if this is not for the lane to grant.
    #[inline]
    pub(super) fn acquire(&mut self, now: Duration) -> Option<u64> {
        let calm = self.calm.as_ref().filter(|calm| calm.span.contains(&now))?;
        self.latest = self.latest.max(now);
        Some(calm.generation)
    }

    /// Takes a result in; none if this is not for the lane to count. A failure or
    /// a slow call never is, and is not to be handed in.
    #[inline]
    pub(super) fn finish(
        &mut self,
        permit: &Permit,
        outcome: Outcome,
        rules: &BreakerRules,
        now: Duration,
    ) -> Option<()> {
        let calm = self.calm.as_ref().filter(|calm| calm.span.contains(&now))?;
        let counts = outcome == Outcome::Success && rules.mode != BreakerMode::Off;
        if permit.generation() != calm.generation || (counts && calm.terms != Terms::of(rules)) {
            return None;
        }
        self.latest = self.latest.max(now);
        self.successes = self.successes.saturating_add(u64::from(counts));
        Some(())
    }
}

impl Breaker {
    /// Counts quick successes that ended within a calm, the last at `latest`.
    fn fold(&mut self, successes: u64, terms: &Terms, latest: Duration) {
        let at = self.clock.read(latest);
        if successes > 0 {
            self.tally
                .record_successes(successes, terms.window_calls, terms.window_time, at);
        }
    }
}
