//! The circuit breaker for many threads.

mod fast_path;
mod inner;
mod lock;
mod shard;
mod sharded;
mod shards;

#[cfg(test)]
mod differential;
#[cfg(test)]
mod explore;
#[cfg(test)]
mod history;
#[cfg(test)]
mod interleavings;
#[cfg(test)]
mod linear;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod racing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod turned;

use std::sync::Mutex;
use std::time::Duration;

use inner::Inner;
use shard::Shard;
use sharded::Sharded;

use super::admission::Admission;
use super::judge::Ruling;
use super::kept::KeptBreaker;
use super::permit::{Grant, Outcome, Permit, Refusal};
use super::state::State;
use super::view::{Snapshot, Transition};
use crate::breaker::BreakerRules;

/// A [`super::Breaker`] that many threads share. No lock of it is held across a
/// call, or while anything waits.
///
/// It does what one `Breaker` behind one lock would do, and does it faster while
/// nothing happens that could matter: while the breaker is closed and calls
/// succeed in time, each thread grants and counts in a shard of its own. All else
/// takes the lock of the one `Breaker`, and folds into it first what the shards
/// have counted.
#[derive(Debug)]
pub struct SharedBreaker(Sharded<Mutex<Inner>, Mutex<Shard>>);

impl SharedBreaker {
    /// As [`super::Breaker::new`].
    pub fn new(now: Duration) -> Self {
        Self(Sharded::new(now))
    }

    /// As [`super::Breaker::try_acquire`].
    ///
    /// # Errors
    /// If the call may not be made now.
    pub fn try_acquire(&self, rules: &BreakerRules, now: Duration) -> Result<Grant, Refusal> {
        self.0.try_acquire(self.0.shard(), rules, now)
    }

    /// As [`super::Breaker::finish`].
    pub fn finish(
        &self,
        permit: Permit,
        outcome: Outcome,
        duration: Duration,
        rules: &BreakerRules,
        now: Duration,
        random: u64,
    ) -> Option<Transition> {
        let ended = (outcome, duration);
        self.0.finish(self.0.shard(), permit, ended, rules, now, random)
    }

    /// As [`super::Breaker::record`].
    pub fn record(
        &self,
        permit: Permit,
        outcome: Outcome,
        duration: Duration,
        rules: &BreakerRules,
        now: Duration,
    ) -> Option<u64> {
        self.0.exactly(rules, |breaker| {
            breaker.record(permit, outcome, duration, rules, now)
        })
    }

    /// As [`super::Breaker::judge`].
    pub fn judge(
        &self,
        generation: u64,
        rules: &BreakerRules,
        now: Duration,
        random: u64,
    ) -> Option<Transition> {
        self.0
            .exactly(rules, |breaker| breaker.judge(generation, rules, now, random))
    }

    /// As [`super::Breaker::apply`].
    pub fn apply(
        &self,
        generation: u64,
        ruling: Ruling,
        rules: &BreakerRules,
        now: Duration,
        random: u64,
    ) -> Option<Transition> {
        self.0.exactly(rules, |breaker| {
            breaker.apply(generation, ruling, rules, now, random)
        })
    }

    /// As [`super::Breaker::snapshot`].
    pub fn snapshot(&self, rules: &BreakerRules, now: Duration) -> Snapshot {
        self.0.exactly(rules, |breaker| breaker.snapshot(rules, now))
    }

    /// As [`super::Breaker::state`].
    pub fn state(&self, rules: &BreakerRules) -> State {
        self.0.state(rules)
    }

    /// As [`super::Breaker::admission`].
    pub fn admission(&self, rules: &BreakerRules, now: Duration) -> Admission {
        self.0.admission(rules, now)
    }

    /// As [`super::Breaker::reset`].
    pub fn reset(&self, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        self.0.exactly(rules, |breaker| breaker.reset(rules, now))
    }

    /// As [`super::Breaker::force_open`].
    pub fn force_open(&self, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        self.0.exactly(rules, |breaker| breaker.force_open(rules, now))
    }

    /// As [`super::Breaker::disable`].
    pub fn disable(&self, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        self.0.exactly(rules, |breaker| breaker.disable(rules, now))
    }

    /// As [`super::Breaker::enable`].
    pub fn enable(&self, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        self.0.exactly(rules, |breaker| breaker.enable(rules, now))
    }

    /// As [`super::Breaker::keep`].
    pub fn keep(&self, rules: &BreakerRules, now: Duration, unix: u64) -> Option<KeptBreaker> {
        self.0.exactly(rules, |breaker| breaker.keep(rules, now, unix))
    }

    /// As [`super::Breaker::restore`].
    pub fn restore(&self, kept: &KeptBreaker, rules: &BreakerRules, now: Duration, unix: u64) {
        self.0.exactly(rules, |breaker| breaker.restore(kept, now, unix));
    }
}
