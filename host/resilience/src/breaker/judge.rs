//! Whether the breaker opens or closes after a result, by the built-in policy: a
//! function of rules and counts.

use std::time::Duration;

use super::counts::Counts;
use super::state::Cause;
use crate::breaker::{BreakerRules, FailureModel, MAX_WINDOW_CALLS, WindowKind};

/// What follows from a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// The breaker stays as it is.
    Stay,
    /// It opens, from closed or half-open.
    Open {
        /// For how long; none for the open time of the rules. Capped like it.
        wait: Option<Duration>,
        /// Why.
        cause: Cause,
    },
    /// It closes, from half-open.
    Close {
        /// Why.
        cause: Cause,
    },
}

impl Ruling {
    /// It opens for the open time of the rules.
    const fn open(cause: Cause) -> Self {
        Self::Open { wait: None, cause }
    }
}

/// Judges a closed breaker.
pub(super) fn closed(rules: &BreakerRules, counts: &Counts) -> Ruling {
    match rules.failure_model {
        FailureModel::Consecutive => {
            if counts.consecutive_failures >= at_least_one(rules.failure_threshold) {
                Ruling::open(Cause::ConsecutiveFailures)
            } else {
                Ruling::Stay
            }
        }
        FailureModel::Window if counts.calls < enough(rules) => Ruling::Stay,
        FailureModel::Window => too_many(rules, counts).map_or(Ruling::Stay, Ruling::open),
    }
}

/// Whether a closed breaker stays so however many quick successes come before
/// anything is forgotten. They raise no rate, so they open it only by bringing
/// the calls up to the fewest that count.
pub(super) fn bears_successes(rules: &BreakerRules, counts: &Counts) -> bool {
    match rules.failure_model {
        FailureModel::Consecutive => true,
        FailureModel::Window if counts.calls < enough(rules) => counts.failures == 0 && counts.slow == 0,
        FailureModel::Window => too_many(rules, counts).is_none(),
    }
}

/// Judges a half-open breaker by its probes that ended.
pub(super) fn half_open(rules: &BreakerRules, counts: &Counts) -> Ruling {
    let close = Ruling::Close {
        cause: Cause::ProbesSucceeded,
    };
    let successes = counts.calls.saturating_sub(counts.failures);
    let enough = successes >= at_least_one(rules.success_threshold);
    match rules.failure_model {
        FailureModel::Consecutive if is_down(rules, counts) => Ruling::open(Cause::ProbeFailed),
        FailureModel::Consecutive if enough && counts.consecutive_failures == 0 => close,
        FailureModel::Consecutive => Ruling::Stay,
        FailureModel::Window => {
            let sample = at_least_one(rules.probes.max(rules.success_threshold));
            let complete = counts.calls >= sample;
            let bad = too_many(rules, counts);
            match bad.filter(|_| complete).or_else(|| lost(rules, counts, sample)) {
                Some(cause) => Ruling::open(cause),
                None if complete || (enough && bad.is_none()) => close,
                None => Ruling::Stay,
            }
        }
    }
}

/// Whether probes show that the callee is still down. Where probes ramp, one failure
/// after a success is no proof: of a service that fails now and then, some probe always
/// does. The ramp begins anew then, and the second failure in a row opens.
fn is_down(rules: &BreakerRules, counts: &Counts) -> bool {
    let none_succeeded = counts.failures > 0 && counts.calls == counts.failures;
    match rules.probe_ramp {
        true => none_succeeded || counts.consecutive_failures > 1,
        false => counts.consecutive_failures > 0,
    }
}

/// Which rate is at its limit, or over it.
fn too_many(rules: &BreakerRules, counts: &Counts) -> Option<Cause> {
    if rules.failure_rate.reached_by(counts.failures, counts.calls) {
        Some(Cause::FailureRate)
    } else if rules.slow_rate.reached_by(counts.slow, counts.calls) {
        Some(Cause::SlowRate)
    } else {
        None
    }
}

/// Which rate must end over its limit, whatever the rest of the sample does.
fn lost(rules: &BreakerRules, counts: &Counts, sample: u64) -> Option<Cause> {
    if rules.failure_rate.exceeded_by(counts.failures, sample) {
        Some(Cause::FailureRate)
    } else if rules.slow_rate.exceeded_by(counts.slow, sample) {
        Some(Cause::SlowRate)
    } else {
        None
    }
}

/// The fewest calls of which a rate says anything: no more than the window can
/// hold.
fn enough(rules: &BreakerRules) -> u64 {
    at_least_one(match rules.window_kind {
        WindowKind::Time => rules.min_calls,
        WindowKind::Calls => rules.min_calls.min(rules.window_calls).min(MAX_WINDOW_CALLS),
    })
}

/// A threshold of zero is one.
fn at_least_one(threshold: u32) -> u64 {
    u64::from(threshold.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusebox_types::units::Rate;

    fn counts(calls: u64, failures: u64, slow: u64) -> Counts {
        Counts {
            calls,
            failures,
            slow,
            ..Counts::default()
        }
    }

    fn window() -> BreakerRules {
        BreakerRules {
            failure_model: FailureModel::Window,
            ..BreakerRules::default()
        }
    }

    #[test]
    fn a_rate_trips_at_its_limit_from_the_fewest_calls_on() {
        let rules = window();
        assert_eq!(closed(&rules, &counts(9, 9, 9)), Ruling::Stay);
        assert_eq!(closed(&rules, &counts(10, 4, 9)), Ruling::Stay);
        assert_eq!(
            closed(&rules, &counts(10, 5, 0)),
            Ruling::open(Cause::FailureRate)
        );
        assert_eq!(closed(&rules, &counts(10, 0, 10)), Ruling::open(Cause::SlowRate));
    }

    #[test]
    fn a_ring_smaller_than_the_fewest_calls_still_trips() {
        let mut rules = window();
        (rules.window_kind, rules.window_calls) = (WindowKind::Calls, 4);
        assert_eq!(closed(&rules, &counts(3, 3, 0)), Ruling::Stay);
        assert_eq!(closed(&rules, &counts(4, 2, 0)), Ruling::open(Cause::FailureRate));
    }

    #[test]
    fn a_sample_is_as_large_as_the_successes_it_must_show() {
        let mut rules = window();
        (rules.probes, rules.success_threshold) = (1, 3);
        let closes = Ruling::Close {
            cause: Cause::ProbesSucceeded,
        };
        assert_eq!(half_open(&rules, &counts(1, 1, 0)), Ruling::Stay);
        assert_eq!(half_open(&rules, &counts(3, 1, 0)), closes);
        assert_eq!(
            half_open(&rules, &counts(2, 2, 0)),
            Ruling::open(Cause::FailureRate)
        );
    }

    #[test]
    fn slow_probes_do_not_close_it() {
        let mut rules = window();
        (rules.probes, rules.slow_rate) = (5, Rate::percent(60));
        assert_eq!(
            half_open(&rules, &counts(3, 0, 3)),
            Ruling::Stay,
            "too slow so far"
        );
        assert_eq!(half_open(&rules, &counts(4, 0, 4)), Ruling::open(Cause::SlowRate));
        assert_eq!(half_open(&rules, &counts(5, 0, 3)), Ruling::open(Cause::SlowRate));
    }

    #[test]
    fn thresholds_of_zero_are_one() {
        let rules = BreakerRules {
            failure_threshold: 0,
            success_threshold: 0,
            ..BreakerRules::default()
        };
        assert_eq!(closed(&rules, &counts(1, 0, 0)), Ruling::Stay);
        assert_eq!(half_open(&rules, &counts(0, 0, 0)), Ruling::Stay);
    }
}
