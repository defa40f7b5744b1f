//! One breaker and its shards.
//!
//! The lock of the breaker is taken before that of a shard. A shard is opened and
//! closed under both. So whoever holds the breaker's lock and has closed all
//! shards is alone with the breaker: what shards did before is counted, and who
//! comes later finds the shard closed and waits. That is one order of all
//! decisions, in which each does what the one breaker would do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::inner::Inner;
use super::lock::Lock;
use super::shard::Shard;
use super::shards::{Lanes, lane_of_thread};
use crate::breaker::counts::Call;
use crate::breaker::machine::Breaker;
use crate::breaker::permit::{Grant, Outcome, Permit, Refusal};
use crate::breaker::state::State;
use crate::breaker::view::Transition;
use crate::breaker::{Admission, BreakerRules};

/// A breaker with shards.
#[derive(Debug)]
pub(super) struct Sharded<W, L> {
    inner: W,
    /// Whether it is worth a look into a shard. Only a hint: who is misled takes
    /// the longer way.
    fast_path: AtomicBool,
    shards: Lanes<L>,
}

impl<W: Lock<Inner>, L: Lock<Shard>> Sharded<W, L> {
    /// As [`Breaker::new`].
    pub(super) fn new(now: Duration) -> Self {
        Self {
            inner: W::around(Inner::new(now)),
            fast_path: AtomicBool::new(false),
            shards: Lanes::closed(),
        }
    }

    /// The shard of this thread, if it is worth a look.
    #[inline]
    pub(super) fn shard(&self) -> Option<usize> {
        self.fast_path.load(Ordering::Relaxed).then(lane_of_thread)
    }

    /// As [`Breaker::try_acquire`], in a shard if there is one.
    ///
    /// # Errors
    /// If the call may not be made now.
    #[inline(always)]
    pub(super) fn try_acquire(
        &self,
        shard: Option<usize>,
        rules: &BreakerRules,
        now: Duration,
    ) -> Result<Grant, Refusal> {
        if let Some(generation) = self.in_lane(shard, now, |shard| shard.acquire(now)) {
            let permit = Permit {
                generation,
                lease: None,
            };
            return Ok(Grant {
                permit,
                transition: None,
            });
        }
        let mut inner = self.alone();
        let result = inner.breaker.try_acquire(rules, now);
        self.settle(&mut inner, rules);
        result
    }

    /// As [`Breaker::finish`], in a shard if there is one.
    #[inline(always)]
    pub(super) fn finish(
        &self,
        shard: Option<usize>,
        permit: Permit,
        (outcome, duration): (Outcome, Duration),
        rules: &BreakerRules,
        now: Duration,
        random: u64,
    ) -> Option<Transition> {
        let quick = Call::of(outcome, duration, rules).is_none_or(|call| call == Call::QUICK_SUCCESS);
        let in_lane = |shard: &mut Shard| shard.finish(&permit, outcome, rules, now);
        if quick && self.in_lane(shard, now, in_lane).is_some() {
            return None;
        }
        let mut inner = self.alone();
        inner.heed(quick);
        let change = inner
            .breaker
            .finish(permit, outcome, duration, rules, now, random);
        self.settle(&mut inner, rules);
        change
    }

    /// As [`Breaker::state`], which shards do not change.
    pub(super) fn state(&self, rules: &BreakerRules) -> State {
        self.inner.hold().breaker.state(rules)
    }

    /// As [`Breaker::admission`], which shards do not change: they are open only
    /// while it is closed.
    pub(super) fn admission(&self, rules: &BreakerRules, now: Duration) -> Admission {
        self.inner.hold().breaker.admission(rules, now)
    }

    /// Does a piece of work on the breaker itself.
    pub(super) fn exactly<R>(&self, rules: &BreakerRules, work: impl FnOnce(&mut Breaker) -> R) -> R {
        let mut inner = self.alone();
        let done = work(&mut inner.breaker);
        self.settle(&mut inner, rules);
        done
    }

    /// Does a piece of work in a shard, and opens it if it may be; none if this is
    /// not for the shard to do.
    #[inline]
    fn in_lane<R>(
        &self,
        index: Option<usize>,
        now: Duration,
        work: impl Fn(&mut Shard) -> Option<R>,
    ) -> Option<R> {
        let index = index?;
        let shard = self.shards.get(index)?;
        let mut held = shard.hold();
        let done = work(&mut held);
        if done.is_some() || held.is_open() {
            return done;
        }
        drop(held);
        self.open(index, now).and_then(|mut shard| work(&mut shard))
    }

    /// Opens a shard, if it may be.
    #[cold]
    fn open(&self, index: usize, now: Duration) -> Option<L::Guard<'_>> {
        let shard = self.shards.get(index)?;
        let mut inner = self.inner.hold();
        let Inner { fast_path, open, .. } = &mut *inner;
        let fast_path = fast_path
            .as_ref()
            .filter(|fast_path| fast_path.span.contains(&now))?;
        *open |= 1 << index;
        let mut shard = shard.hold();
        shard.open(fast_path);
        Some(shard)
    }

    /// The breaker, and all shards closed.
    #[inline]
    fn alone(&self) -> W::Guard<'_> {
        let mut inner = self.inner.hold();
        if inner.open != 0 {
            self.close(&mut inner);
        }
        inner
    }

    /// Closes all shards.
    #[cold]
    fn close(&self, inner: &mut Inner) {
        for (shard, index) in self.shards.iter().zip(0..) {
            if inner.open & (1 << index) != 0 {
                shard.hold().close(&mut inner.breaker);
            }
        }
        inner.open = 0;
    }

    /// Says what shards may be opened for from here on.
    #[inline]
    fn settle(&self, inner: &mut Inner, rules: &BreakerRules) {
        let before = inner.fast_path.is_some();
        inner.settle(rules);
        if inner.fast_path.is_some() != before {
            self.fast_path.store(!before, Ordering::Relaxed);
        }
    }
}
