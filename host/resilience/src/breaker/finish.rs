//! What becomes of a result: it is counted, judged and acted on.

use std::time::Duration;

use super::counts::Call;
use super::judge::{self, Ruling};
use super::machine::{Breaker, Phase};
use super::permit::{Outcome, Permit};
use super::view::Transition;
use super::wait::Wait;
use crate::breaker::{BreakerMode, BreakerRules};

impl Breaker {
    /// Takes a permit back with what the call came to and how long it took,
    /// counts it, judges by the rules, and says what changed. `random` spreads
    /// the wait if the breaker opens.
    pub fn finish(
        &mut self,
        permit: Permit,
        outcome: Outcome,
        duration: Duration,
        rules: &BreakerRules,
        now: Duration,
        random: u64,
    ) -> Option<Transition> {
        let at = self.clock.read(now);
        let generation = self.count(permit, outcome, duration, rules, at)?;
        self.judge_at(generation, rules, at, random)
    }

    /// The other two steps of [`Breaker::finish`]: judges by the rules what
    /// [`Breaker::record`] counted. For where a policy could not.
    pub fn judge(
        &mut self,
        generation: u64,
        rules: &BreakerRules,
        now: Duration,
        random: u64,
    ) -> Option<Transition> {
        let at = self.clock.read(now);
        self.judge_at(generation, rules, at, random)
    }

    /// [`Breaker::judge`] at a moment of the own time.
    fn judge_at(
        &mut self,
        generation: u64,
        rules: &BreakerRules,
        at: Duration,
        random: u64,
    ) -> Option<Transition> {
        let ruling = match &self.phase {
            Phase::Closed => judge::closed(rules, &self.tally.counts(rules, at)),
            Phase::HalfOpen(probes) => judge::half_open(rules, &probes.counts()),
            Phase::Open(_) | Phase::ForcedOpen | Phase::Disabled => Ruling::Stay,
        };
        self.act(generation, ruling, rules, at, random)
    }

    /// The first step of [`Breaker::finish`], for a policy that judges by
    /// itself: takes the permit back and counts the call. The generation to be
    /// judged; none if there is nothing to judge, for the result is neutral or
    /// late, or the rules only measure.
    pub fn record(
        &mut self,
        permit: Permit,
        outcome: Outcome,
        duration: Duration,
        rules: &BreakerRules,
        now: Duration,
    ) -> Option<u64> {
        let at = self.clock.read(now);
        self.count(permit, outcome, duration, rules, at)
    }

    /// [`Breaker::record`] at a moment of the own time.
    #[inline]
    fn count(
        &mut self,
        permit: Permit,
        outcome: Outcome,
        duration: Duration,
        rules: &BreakerRules,
        at: Duration,
    ) -> Option<u64> {
        if permit.generation != self.generation {
            return None;
        }
        let held = match (&mut self.phase, permit.lease) {
            (Phase::HalfOpen(probes), Some(lease)) => probes.end(lease, rules, at),
            _ => true,
        };
        let call = Call::of(outcome, duration, rules).filter(|_| held)?;
        match (&mut self.phase, rules.mode) {
            (Phase::Disabled, _) | (_, BreakerMode::Off) => return None,
            (Phase::HalfOpen(probes), BreakerMode::On) if permit.is_probe() => probes.record(call),
            (Phase::Closed, _) | (_, BreakerMode::MetricsOnly) => self.tally.record(call, rules, at),
            // Granted while the rules only measured.
            (Phase::Open(_) | Phase::HalfOpen(_) | Phase::ForcedOpen, BreakerMode::On) => return None,
        }
        (rules.mode == BreakerMode::On).then_some(self.generation)
    }

    /// Acts on a ruling about `generation`, which [`Breaker::record`] named, and
    /// says what changed. A ruling about an older one, or under rules that only
    /// measure, does nothing.
    pub fn apply(
        &mut self,
        generation: u64,
        ruling: Ruling,
        rules: &BreakerRules,
        now: Duration,
        random: u64,
    ) -> Option<Transition> {
        let at = self.clock.read(now);
        self.act(generation, ruling, rules, at, random)
    }

    /// [`Breaker::apply`] at a moment of the own time.
    #[inline]
    fn act(
        &mut self,
        generation: u64,
        ruling: Ruling,
        rules: &BreakerRules,
        at: Duration,
        random: u64,
    ) -> Option<Transition> {
        if generation != self.generation || rules.mode != BreakerMode::On {
            return None;
        }
        match (ruling, &self.phase) {
            (Ruling::Open { wait, cause }, Phase::Closed | Phase::HalfOpen(_)) => {
                let wait = wait.map_or(Wait::Drawn(random), Wait::Named);
                Some(self.trip(wait, cause, rules, at))
            }
            (Ruling::Close { cause }, Phase::HalfOpen(_)) => {
                Some(self.enter(Phase::Closed, cause, rules, at))
            }
            _ => None,
        }
    }
}
