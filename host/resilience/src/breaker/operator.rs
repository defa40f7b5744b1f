//! What the operator may order. Each order starts a new generation, so calls
//! that are under way count nowhere; none waits for anything.

use std::time::Duration;

use super::machine::{Breaker, Phase};
use super::state::Cause;
use super::view::Transition;
use crate::breaker::BreakerRules;

impl Breaker {
    /// Closes the breaker and forgets counts and trips, whatever its state. What
    /// changed; none if it was closed before.
    pub fn reset(&mut self, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        self.trips = 0;
        self.order(Phase::Closed, rules, now)
    }

    /// Refuses all calls until [`Breaker::enable`] or [`Breaker::reset`]. What
    /// changed; none if it was so before.
    pub fn force_open(&mut self, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        self.order(Phase::ForcedOpen, rules, now)
    }

    /// Lets all calls pass and counts none until [`Breaker::enable`] or
    /// [`Breaker::reset`]. What changed; none if it was so before.
    pub fn disable(&mut self, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        self.order(Phase::Disabled, rules, now)
    }

    /// Ends what [`Breaker::force_open`] or [`Breaker::disable`] began: the
    /// breaker is closed, with fresh counts; the trips before are remembered.
    /// What changed; none if neither was in force.
    pub fn enable(&mut self, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        matches!(self.phase, Phase::ForcedOpen | Phase::Disabled)
            .then(|| self.order(Phase::Closed, rules, now))
            .flatten()
    }

    /// Begins a phase because the operator says so. To close what is closed
    /// starts its counts anew; any other order that is in force stays so.
    fn order(&mut self, phase: Phase, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        let at = self.clock.read(now);
        let same = self.phase.state() == phase.state();
        if same && !matches!(phase, Phase::Closed) {
            return None;
        }
        Some(self.enter(phase, Cause::Operator, rules, at)).filter(|_| !same)
    }
}
