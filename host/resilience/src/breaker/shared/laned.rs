//! One circuit and its lanes.
//!
//! The lock of the circuit is taken before that of a lane. A lane is opened and
//! closed under both. So whoever holds the circuit's lock and has closed all
//! lanes is alone with the circuit: what lanes did before is counted, and who
//! comes later finds the lane closed and waits. That is one order of all
//! decisions, in which each does what the one circuit would do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::lane::Lane;
use super::lanes::{Lanes, lane_of_thread};
use super::lock::Lock;
use super::whole::Whole;
use crate::breaker::BreakerRules;
use crate::breaker::counts::Call;
use crate::breaker::machine::Breaker;
use crate::breaker::permit::{Grant, Outcome, Permit, Refusal};
use crate::breaker::state::State;
use crate::breaker::view::Transition;

/// A circuit with lanes.
#[derive(Debug)]
pub(super) struct Laned<W, L> {
    whole: W,
    /// Whether it is worth a look into a lane. Only a hint: who is misled takes
    /// the longer way.
    calm: AtomicBool,
    lanes: Lanes<L>,
}

impl<W: Lock<Whole>, L: Lock<Lane>> Laned<W, L> {
    /// As [`Breaker::new`].
    pub(super) fn new(now: Duration) -> Self {
        Self {
            whole: W::around(Whole::new(now)),
            calm: AtomicBool::new(false),
            lanes: Lanes::closed(),
        }
    }

    /// The lane of this thread, if it is worth a look.
    #[inline]
    pub(super) fn lane(&self) -> Option<usize> {
        self.calm.load(Ordering::Relaxed).then(lane_of_thread)
    }

    /// As [`Breaker::try_acquire`], in a lane if there is one.
    ///
    /// # Errors
    /// If the call may not be made now.
    #[inline(always)]
    pub(super) fn try_acquire(
        &self,
        lane: Option<usize>,
        rules: &BreakerRules,
        now: Duration,
    ) -> Result<Grant, Refusal> {
        if let Some(generation) = self.in_lane(lane, now, |lane| lane.acquire(now)) {
            let permit = Permit {
                generation,
                lease: None,
            };
            return Ok(Grant {
                permit,
                transition: None,
            });
        }
        let mut whole = self.alone();
        let result = whole.breaker.try_acquire(rules, now);
        self.settle(&mut whole, rules);
        result
    }

    /// As [`Breaker::finish`], in a lane if there is one.
    #[inline(always)]
    pub(super) fn finish(
        &self,
        lane: Option<usize>,
        permit: Permit,
        (outcome, duration): (Outcome, Duration),
        rules: &BreakerRules,
        now: Duration,
        random: u64,
    ) -> Option<Transition> {
        let quick = Call::of(outcome, duration, rules).is_none_or(|call| call == Call::QUICK_SUCCESS);
        let in_lane = |lane: &mut Lane| lane.finish(&permit, outcome, rules, now);
        if quick && self.in_lane(lane, now, in_lane).is_some() {
            return None;
        }
        let mut whole = self.alone();
        whole.heed(quick);
        let change = whole
            .breaker
            .finish(permit, outcome, duration, rules, now, random);
        self.settle(&mut whole, rules);
        change
    }

    /// As [`Breaker::state`], which lanes do not change.
    pub(super) fn state(&self, rules: &BreakerRules) -> State {
        self.whole.hold().breaker.state(rules)
    }

    /// Does a piece of work on the circuit itself.
    pub(super) fn exactly<R>(&self, rules: &BreakerRules, work: impl FnOnce(&mut Breaker) -> R) -> R {
        let mut whole = self.alone();
        let done = work(&mut whole.breaker);
        self.settle(&mut whole, rules);
        done
    }

    /// Does a piece of work in a lane, and opens it if it may be; none if this is
    /// not for the lane to do.
    #[inline]
    fn in_lane<R>(
        &self,
        index: Option<usize>,
        now: Duration,
        work: impl Fn(&mut Lane) -> Option<R>,
    ) -> Option<R> {
        let index = index?;
        let lane = self.lanes.get(index)?;
        let mut held = lane.hold();
        let done = work(&mut held);
        if done.is_some() || held.is_open() {
            return done;
        }
        drop(held);
        self.open(index, now).and_then(|mut lane| work(&mut lane))
    }

    /// Opens a lane, if it may be.
    #[cold]
    fn open(&self, index: usize, now: Duration) -> Option<L::Guard<'_>> {
        let lane = self.lanes.get(index)?;
        let mut whole = self.whole.hold();
        let Whole { calm, open, .. } = &mut *whole;
        let calm = calm.as_ref().filter(|calm| calm.span.contains(&now))?;
        *open |= 1 << index;
        let mut lane = lane.hold();
        lane.open(calm);
        Some(lane)
    }

    /// The circuit, and all lanes closed.
    #[inline]
    fn alone(&self) -> W::Guard<'_> {
        let mut whole = self.whole.hold();
        if whole.open != 0 {
            self.close(&mut whole);
        }
        whole
    }

    /// Closes all lanes.
    #[cold]
    fn close(&self, whole: &mut Whole) {
        for (lane, index) in self.lanes.iter().zip(0..) {
            if whole.open & (1 << index) != 0 {
                lane.hold().close(&mut whole.breaker);
            }
        }
        whole.open = 0;
    }

    /// Says what lanes may be opened for from here on.
    #[inline]
    fn settle(&self, whole: &mut Whole, rules: &BreakerRules) {
        let before = whole.calm.is_some();
        whole.settle(rules);
        if whole.calm.is_some() != before {
            self.calm.store(!before, Ordering::Relaxed);
        }
    }
}
