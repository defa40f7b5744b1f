//! Changes of state: each starts a new generation with fresh counts.

use std::time::Duration;

use super::machine::{Breaker, Phase};
use super::probes::Probes;
use super::state::Cause;
use super::tally::Tally;
use super::view::Transition;
use super::wait::Wait;
use crate::breaker::{BreakerMode, BreakerRules};

impl Breaker {
    /// Moves from open to half-open, if the wait is over at `at`.
    #[inline]
    pub(super) fn end_wait(&mut self, rules: &BreakerRules, at: Duration) -> Option<Transition> {
        let Phase::Open(wait) = &self.phase else {
            return None;
        };
        let elapsed = at.saturating_sub(self.since);
        if rules.mode != BreakerMode::On || elapsed < wait.length(rules, self.trips) {
            return None;
        }
        Some(self.enter(Phase::HalfOpen(Probes::default()), Cause::WaitOver, rules, at))
    }

    /// Opens the breaker.
    pub(super) fn trip(
        &mut self,
        wait: Wait,
        cause: Cause,
        rules: &BreakerRules,
        at: Duration,
    ) -> Transition {
        self.trips = self.trips_at(rules, at).saturating_add(1);
        self.enter(Phase::Open(wait), cause, rules, at)
    }

    /// The trips that count at `at`: none after a lasting recovery, which is to
    /// be closed for the longer of the open time and the window's time.
    pub(super) fn trips_at(&self, rules: &BreakerRules, at: Duration) -> u32 {
        let closed = matches!(self.phase, Phase::Closed);
        let lasting = rules.open_time.max(rules.window_time);
        if closed && at.saturating_sub(self.since) >= lasting {
            0
        } else {
            self.trips
        }
    }

    /// Begins a phase.
    pub(super) fn enter(
        &mut self,
        phase: Phase,
        cause: Cause,
        rules: &BreakerRules,
        at: Duration,
    ) -> Transition {
        let (from, counts) = (self.phase.state(), self.counts(rules, at));
        self.phase = phase;
        self.generation = self.generation.saturating_add(1);
        self.since = at;
        self.cause = cause;
        self.evidence = counts;
        self.tally = Tally::default();
        Transition {
            from,
            to: self.phase.state(),
            cause,
            at: self.clock.outside(at),
            until: self.until(rules).map(|until| self.clock.outside(until)),
            counts,
        }
    }
}
