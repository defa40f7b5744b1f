//! The circuit breaker for many threads.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::judge::Ruling;
use super::machine::Breaker;
use super::permit::{Grant, Outcome, Permit, Refusal};
use super::state::State;
use super::view::{Snapshot, Transition};
use crate::config::BreakerRules;

/// A [`Breaker`] behind a lock that is held for one decision, never across a
/// call, and never while anything waits.
#[derive(Debug)]
pub struct SharedBreaker(Mutex<Breaker>);

impl SharedBreaker {
    /// As [`Breaker::new`].
    pub fn new(now: Duration) -> Self {
        Self(Mutex::new(Breaker::new(now)))
    }

    /// As [`Breaker::try_acquire`].
    ///
    /// # Errors
    /// If the call may not be made now.
    pub fn try_acquire(&self, rules: &BreakerRules, now: Duration) -> Result<Grant, Refusal> {
        self.lock().try_acquire(rules, now)
    }

    /// As [`Breaker::finish`].
    pub fn finish(
        &self,
        permit: Permit,
        outcome: Outcome,
        duration: Duration,
        rules: &BreakerRules,
        now: Duration,
        random: u64,
    ) -> Option<Transition> {
        self.lock().finish(permit, outcome, duration, rules, now, random)
    }

    /// As [`Breaker::record`].
    pub fn record(
        &self,
        permit: Permit,
        outcome: Outcome,
        duration: Duration,
        rules: &BreakerRules,
        now: Duration,
    ) -> Option<u64> {
        self.lock().record(permit, outcome, duration, rules, now)
    }

    /// As [`Breaker::judge`].
    pub fn judge(
        &self,
        generation: u64,
        rules: &BreakerRules,
        now: Duration,
        random: u64,
    ) -> Option<Transition> {
        self.lock().judge(generation, rules, now, random)
    }

    /// As [`Breaker::apply`].
    pub fn apply(
        &self,
        generation: u64,
        ruling: Ruling,
        rules: &BreakerRules,
        now: Duration,
        random: u64,
    ) -> Option<Transition> {
        self.lock().apply(generation, ruling, rules, now, random)
    }

    /// As [`Breaker::snapshot`].
    pub fn snapshot(&self, rules: &BreakerRules, now: Duration) -> Snapshot {
        self.lock().snapshot(rules, now)
    }

    /// As [`Breaker::state`].
    pub fn state(&self, rules: &BreakerRules) -> State {
        self.lock().state(rules)
    }

    /// As [`Breaker::reset`].
    pub fn reset(&self, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        self.lock().reset(rules, now)
    }

    /// As [`Breaker::force_open`].
    pub fn force_open(&self, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        self.lock().force_open(rules, now)
    }

    /// As [`Breaker::disable`].
    pub fn disable(&self, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        self.lock().disable(rules, now)
    }

    /// As [`Breaker::enable`].
    pub fn enable(&self, rules: &BreakerRules, now: Duration) -> Option<Transition> {
        self.lock().enable(rules, now)
    }

    /// The machine. No step of it panics half-way, so a poisoned lock holds a
    /// whole one.
    fn lock(&self) -> MutexGuard<'_, Breaker> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use super::*;
    use crate::config::BreakerMode;

    const THREADS: u32 = 8;
    const OPEN: Duration = Duration::from_secs(60);

    /// An open circuit whose wait is over at `OPEN`.
    fn opened(rules: &BreakerRules) -> SharedBreaker {
        let breaker = SharedBreaker::new(Duration::ZERO);
        for _ in 0..rules.failure_threshold {
            let permit = breaker.try_acquire(rules, Duration::ZERO).unwrap().permit;
            breaker.finish(permit, Outcome::Failure, Duration::ZERO, rules, Duration::ZERO, 0);
        }
        assert_eq!(breaker.state(rules), State::Open);
        breaker
    }

    /// Runs `work` in all threads at once.
    fn together(work: impl Fn() + Sync) {
        let barrier = Barrier::new(THREADS as usize);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    barrier.wait();
                    work();
                });
            }
        });
    }

    #[test]
    fn of_many_threads_at_once_as_many_probe_as_may() {
        let rules = BreakerRules::default();
        for _ in 0..200 {
            let (breaker, granted, changes) = (opened(&rules), AtomicU32::new(0), AtomicU32::new(0));
            together(|| {
                if let Ok(grant) = breaker.try_acquire(&rules, OPEN) {
                    granted.fetch_add(1, Ordering::SeqCst);
                    changes.fetch_add(u32::from(grant.transition.is_some()), Ordering::SeqCst);
                }
            });
            assert_eq!((granted.into_inner(), changes.into_inner()), (rules.probes, 1));
        }
    }

    #[test]
    fn never_more_probes_than_allowed_while_they_come_and_go() {
        let rules = BreakerRules {
            success_threshold: u32::MAX,
            ..BreakerRules::default()
        };
        let (breaker, live, granted) = (opened(&rules), AtomicU32::new(0), AtomicU32::new(0));
        together(|| {
            for n in 0..2_000 {
                let Ok(grant) = breaker.try_acquire(&rules, OPEN) else {
                    thread::yield_now();
                    continue;
                };
                assert!(live.fetch_add(1, Ordering::SeqCst) < rules.probes);
                granted.fetch_add(1, Ordering::SeqCst);
                thread::yield_now();
                live.fetch_sub(1, Ordering::SeqCst);
                let outcome = [Outcome::Success, Outcome::Ignored][n % 2];
                breaker.finish(grant.permit, outcome, Duration::ZERO, &rules, OPEN, 0);
            }
        });
        assert!(granted.into_inner() > rules.probes);
        assert_eq!(breaker.state(&rules), State::HalfOpen);
    }

    #[test]
    fn no_call_is_lost_among_threads() {
        let rules = BreakerRules {
            mode: BreakerMode::MetricsOnly,
            ..BreakerRules::default()
        };
        let breaker = SharedBreaker::new(Duration::ZERO);
        together(|| {
            for ms in 0..1_000 {
                let now = Duration::from_millis(ms);
                let permit = breaker.try_acquire(&rules, now).unwrap().permit;
                breaker.finish(permit, Outcome::Failure, Duration::ZERO, &rules, now, 0);
            }
        });
        let counts = breaker.snapshot(&rules, Duration::from_secs(1)).counts;
        assert_eq!((counts.calls, counts.consecutive_failures), (8_000, 8_000));
    }
}
