//! Many threads on one breaker.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread;

use super::*;
use crate::breaker::BreakerMode;

const THREADS: u32 = 8;
const OPEN: Duration = Duration::from_secs(60);

/// An open breaker whose wait is over at `OPEN`.
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
    let rules = BreakerRules {
        probe_ramp: false,
        ..BreakerRules::default()
    };
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

/// What a thread of [`counts_are_exact_whatever_else_goes_on`] has seen.
#[derive(Default)]
struct Sum {
    calls: AtomicU64,
    failures: AtomicU64,
    slow: AtomicU64,
}

impl Sum {
    fn add(&self, outcome: Outcome, slow: bool) {
        let counts = u64::from(outcome != Outcome::Ignored);
        self.calls.fetch_add(counts, Ordering::Relaxed);
        self.failures
            .fetch_add(u64::from(outcome == Outcome::Failure), Ordering::Relaxed);
        self.slow.fetch_add(counts * u64::from(slow), Ordering::Relaxed);
    }
}

/// Calls of all sorts, at a time that passes, under rules that change, while
/// somebody looks and results of an older generation come home.
#[test]
fn counts_are_exact_whatever_else_goes_on() {
    let rules = [1, 2].map(|limit| BreakerRules {
        failure_threshold: u32::MAX,
        window_time: Duration::from_secs(86_400),
        window_calls: u32::try_from(limit).unwrap() * 50,
        slow_call: Duration::from_secs(limit),
        ..BreakerRules::default()
    });
    let (breaker, clock, sum) = (
        SharedBreaker::new(Duration::ZERO),
        AtomicU64::new(0),
        Sum::default(),
    );
    let old: Vec<_> = (0..1_000)
        .map(|_| breaker.try_acquire(&rules[0], Duration::ZERO).unwrap().permit)
        .collect();
    breaker.reset(&rules[0], Duration::ZERO);
    together(|| {
        let mut old = old.clone().into_iter();
        for n in 0..20_000_usize {
            let now = Duration::from_nanos(clock.fetch_add(20_000, Ordering::Relaxed));
            let rules = &rules[usize::from(n % 1_000 > 900)];
            let permit = breaker.try_acquire(rules, now).unwrap().permit;
            let outcome = match n % 100 {
                50 => Outcome::Failure,
                60..65 => Outcome::Ignored,
                _ => Outcome::Success,
            };
            let took = Duration::from_millis(if n % 200 < 2 { 1_500 } else { 500 });
            sum.add(outcome, took > rules.slow_call);
            breaker.finish(permit, outcome, took, rules, now, 0);
            if n % 20 == 0 {
                let late = old.next().unwrap();
                breaker.finish(late, Outcome::Success, Duration::ZERO, rules, now, 0);
            }
            if n % 700 == 0 {
                let counts = breaker.snapshot(rules, now).counts;
                assert!(counts.calls <= sum.calls.load(Ordering::SeqCst));
            }
        }
    });
    let end = Duration::from_nanos(clock.into_inner());
    let counts = breaker.snapshot(&rules[0], end).counts;
    assert_eq!(
        [counts.calls, counts.failures, counts.slow],
        [sum.calls, sum.failures, sum.slow].map(AtomicU64::into_inner)
    );
    assert!(breaker.0.shard().is_some(), "lanes were used");
}
