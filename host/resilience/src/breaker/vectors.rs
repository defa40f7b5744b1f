//! The behaviour vectors of the reference systems that speak of breakers,
//! restated. All of them put the limit of a rate at >=, as the design does.

use std::time::Duration;

use super::*;
use crate::breaker::{BreakerRules, FailureModel};
use crate::time_window::TimeWindow;
use Outcome::{Failure as F, Ignored as I, Success as S};
use fusebox_types::units::Rate;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A breaker, its rules, and what a vector does with them.
struct Run {
    breaker: Breaker,
    rules: BreakerRules,
}

impl Run {
    fn new(rules: BreakerRules) -> Self {
        let breaker = Breaker::new(Duration::ZERO);
        Self { breaker, rules }
    }

    /// Opens it at 0, for the plain open time. The vectors say `force`; they mean
    /// an open breaker that waits, not the operator's forced-open.
    fn opened(rules: BreakerRules) -> Self {
        let mut run = Self::new(rules);
        let ruling = Ruling::Open {
            wait: Some(rules.open_time),
            cause: Cause::Policy,
        };
        run.breaker.apply(0, ruling, &rules, Duration::ZERO, 0);
        assert_eq!(run.state(), State::Open);
        run
    }

    fn state(&self) -> State {
        self.breaker.state(&self.rules)
    }

    fn begin(&mut self, t: u64) -> Option<Permit> {
        let grant = self.breaker.try_acquire(&self.rules, ms(t)).ok()?;
        Some(grant.permit)
    }

    fn end(&mut self, t: u64, permit: Permit, outcome: Outcome) -> State {
        self.breaker
            .finish(permit, outcome, Duration::ZERO, &self.rules, ms(t), 0);
        self.state()
    }

    /// A call that begins and ends at `t`: whether it was admitted, and the state
    /// after it.
    fn call(&mut self, t: u64, outcome: Outcome) -> (bool, State) {
        let permit = self.begin(t);
        let admitted = permit.is_some();
        if let Some(permit) = permit {
            self.end(t, permit, outcome);
        }
        (admitted, self.state())
    }
}

/// Window 20 s, at least 5 calls, 50 %, 4 probes, open for 5 s. The vectors name
/// no number of successes that closes: the whole sample does.
fn rate_rules() -> BreakerRules {
    BreakerRules {
        failure_model: FailureModel::Window,
        window_time: ms(20_000),
        min_calls: 5,
        failure_rate: Rate::percent(50),
        probes: 4,
        // The vectors let all probes go at once.
        probe_ramp: false,
        success_threshold: 4,
        open_time: ms(5_000),
        open_growth: 1,
        open_jitter: Rate::percent(0),
        ..BreakerRules::default()
    }
}

#[test]
fn v01_a_success_that_completes_the_minimum_trips_too() {
    let mut run = Run::new(rate_rules());
    for outcome in [F, F, F, S] {
        assert_eq!(run.call(0, outcome), (true, State::Closed));
    }
    assert_eq!(run.call(0, S), (true, State::Open));
    assert_eq!(run.call(0, S), (false, State::Open));
}

/// The vector leaves open at elapsed > wait and the design at >=; the vector
/// does not ask at the boundary itself. After two failures of four it is still
/// half-open: at best the sample ends exactly at 50 %, and it is let run.
#[test]
fn v03_half_open_admits_four_and_judges_the_sample() {
    let mut run = Run::opened(rate_rules());
    assert_eq!(run.call(0, S), (false, State::Open));
    assert_eq!(run.call(3_000, S), (false, State::Open));
    assert_eq!(
        round(&mut run, 6_000, [F, F, S, F]),
        [State::HalfOpen, State::HalfOpen, State::HalfOpen, State::Open]
    );
    assert_eq!(
        round(&mut run, 11_200, [F, S, S, S]),
        [State::HalfOpen, State::HalfOpen, State::HalfOpen, State::Closed]
    );
}

/// Four probes at once, and no fifth; the states after each has ended.
fn round(run: &mut Run, t: u64, outcomes: [Outcome; 4]) -> [State; 4] {
    let permits = [(); 4].map(|()| run.begin(t).expect("a probe"));
    assert!(run.begin(t).is_none() && run.begin(t).is_none());
    let mut outcomes = outcomes.into_iter();
    permits.map(|permit| run.end(t + 100, permit, outcomes.next().unwrap()))
}

#[test]
fn v04_ignored_probes_give_their_permits_back() {
    let mut run = Run::opened(rate_rules());
    for _ in 0..4 {
        assert_eq!(run.call(6_000, I), (true, State::HalfOpen));
    }
    for _ in 0..3 {
        assert_eq!(run.call(6_001, S), (true, State::HalfOpen));
    }
    assert_eq!(run.call(6_002, I), (true, State::HalfOpen));
    assert_eq!(run.call(6_003, F), (true, State::Closed));
}

#[test]
fn v06_the_window_is_anchored_and_evicts_at_its_full_age() {
    let mut window = TimeWindow::default();
    let span = ms(10_000);
    let mut seen = Vec::new();
    for (t, failures) in [(0, 1), (2_000, 1), (4_000, 0), (6_000, 0), (8_000, 0)] {
        for n in 0..2 {
            let failed = n < failures;
            window.add(counts::Call { failed, slow: false }.into(), span, ms(t));
        }
        let sums = window.sums(span, ms(t + 2_000));
        seen.push((sums.calls, sums.failures));
    }
    assert_eq!(seen, [(2, 1), (4, 2), (6, 2), (8, 2), (8, 1)]);
    let sums = window.sums(span, ms(12_000));
    assert_eq!((sums.calls, sums.failures), (6, 0));
}

#[test]
fn v09_five_failures_open_and_three_successes_close() {
    let mut run = Run::new(BreakerRules {
        open_time: ms(60_000),
        max_open_time: ms(60_000),
        open_growth: 1,
        probe_ramp: false,
        ..BreakerRules::default()
    });
    for t in 0..4 {
        assert_eq!(run.call(t, F), (true, State::Closed));
    }
    assert_eq!(run.call(4, F), (true, State::Open));
    assert_eq!(run.call(59_999, S), (false, State::Open));
    assert_eq!(run.call(60_004, S), (true, State::HalfOpen));
    assert_eq!(run.call(60_005, S), (true, State::HalfOpen));
    assert_eq!(run.call(60_006, F), (true, State::Open));
    assert_eq!(run.call(120_005, S), (false, State::Open));
    assert_eq!(run.call(120_006, S), (true, State::HalfOpen));
    assert_eq!(run.call(120_007, S), (true, State::HalfOpen));
    assert_eq!(run.call(120_008, S), (true, State::Closed));
}

/// The vector counts successes `s` of `c`; here the rate says how many may fail:
/// the first count of failures that is too many is c - s + 1.
#[test]
fn v12_a_sample_closes_or_opens_as_soon_as_it_is_decided() {
    let cases: [(u32, u32, &[Outcome], State); 7] = [
        (3, 3, &[S, S, F], State::Open),
        (3, 4, &[S, F, S, F], State::Open),
        (3, 4, &[S, F, S, S], State::Closed),
        (2, 3, &[F, S, F], State::Open),
        (2, 3, &[F, S, S], State::Closed),
        (2, 4, &[S, F, F, F], State::Open),
        (3, 5, &[F, F, S, S, S], State::Closed),
    ];
    for (success, capacity, outcomes, state) in cases {
        let mut run = Run::opened(BreakerRules {
            success_threshold: success,
            probes: capacity,
            failure_rate: Rate((capacity - success + 1) * 10_000 / capacity),
            ..rate_rules()
        });
        let seen: Vec<_> = outcomes
            .iter()
            .map(|outcome| run.call(6_000, *outcome).1)
            .collect();
        let (last, before) = seen.split_last().unwrap();
        assert_eq!(*last, state, "{success} of {capacity}");
        assert!(before.iter().all(|state| *state == State::HalfOpen));
    }
}
