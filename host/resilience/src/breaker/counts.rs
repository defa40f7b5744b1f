//! What is counted of calls.

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(super) use super::super::counts::{Call, Sums};
use super::permit::Outcome;
use crate::breaker::BreakerRules;

/// What was counted of the calls that matter in a state: closed, those of the
/// window; half-open, the probes; open and forced-open, what led there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Calls that ended with a success or a failure.
    pub calls: u64,
    /// Those that failed.
    pub failures: u64,
    /// Those that were slow, failed or not.
    pub slow: u64,
    /// Failures since the last success, within this state.
    pub consecutive_failures: u64,
    /// Successes since the last failure, within this state.
    pub consecutive_successes: u64,
}

impl Call {
    /// A success within the limit.
    pub(super) const QUICK_SUCCESS: Self = Self {
        failed: false,
        slow: false,
    };

    /// A call that ended so; none if it is neutral. Slow is longer than the limit.
    pub(super) fn of(outcome: Outcome, duration: Duration, rules: &BreakerRules) -> Option<Self> {
        let failed = match outcome {
            Outcome::Success => false,
            Outcome::Failure => true,
            Outcome::Ignored => return None,
        };
        Some(Self {
            failed,
            slow: duration > rules.slow_call,
        })
    }
}

/// How many calls in a row ended alike.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Streak {
    failures: u64,
    successes: u64,
}

impl Streak {
    /// Counts one more call.
    pub(super) fn record(&mut self, call: Call) {
        let (grows, ends) = if call.failed {
            (&mut self.failures, &mut self.successes)
        } else {
            (&mut self.successes, &mut self.failures)
        };
        *grows = grows.saturating_add(1);
        *ends = 0;
    }

    /// Counts successes, at least one.
    pub(super) fn record_successes(&mut self, count: u64) {
        self.successes = self.successes.saturating_add(count);
        self.failures = 0;
    }

    /// Sums and streak in one.
    pub(super) fn with(self, sums: Sums) -> Counts {
        Counts {
            calls: sums.calls,
            failures: sums.failures,
            slow: sums.slow,
            consecutive_failures: self.failures,
            consecutive_successes: self.successes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_is_longer_than_the_limit() {
        let rules = BreakerRules::default();
        let slow = |ms| {
            let call = Call::of(Outcome::Success, Duration::from_millis(ms), &rules);
            call.map(|call| call.slow)
        };
        assert_eq!([slow(30_000), slow(30_001)], [Some(false), Some(true)]);
    }

    #[test]
    fn a_streak_ends_where_the_other_begins() {
        let mut streak = Streak::default();
        for failed in [true, true, false, true, true, true] {
            streak.record(Call { failed, slow: false });
        }
        let counts = streak.with(Sums::default());
        assert_eq!(
            (counts.consecutive_failures, counts.consecutive_successes),
            (3, 0)
        );
    }
}
