//! What a closed breaker counts: both windows and the streak, whatever the
//! rules look at now, so that a change of the rules finds them full.

use std::time::Duration;

use super::super::time_window::TimeWindow;
use super::call_window::CallWindow;
use super::counts::{Call, Counts, Streak, Sums};
use crate::breaker::{BreakerRules, WindowKind};

/// The calls since the last change of state.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Tally {
    streak: Streak,
    by_calls: CallWindow,
    by_time: TimeWindow,
}

impl Tally {
    /// Counts a call that ended at `at`.
    #[inline]
    pub(super) fn record(&mut self, call: Call, rules: &BreakerRules, at: Duration) {
        self.streak.record(call);
        self.by_calls.record(call, rules.window_calls);
        self.by_time.add(call.into(), rules.window_time, at);
    }

    /// Counts quick successes of one bucket, the last of which ended at `at`.
    pub(super) fn record_successes(
        &mut self,
        count: u64,
        window_calls: u32,
        window_time: Duration,
        at: Duration,
    ) {
        self.streak.record_successes(count);
        self.by_calls.record_successes(count, window_calls);
        let calls = Sums {
            calls: count,
            ..Sums::default()
        };
        self.by_time.add(calls, window_time, at);
    }

    /// When the newest bucket is full, if its width is that of this span.
    pub(super) fn bucket_end(&self, span: Duration) -> Option<Duration> {
        self.by_time.end(span)
    }

    /// What the window of the rules holds at `at`.
    #[inline]
    pub(super) fn counts(&self, rules: &BreakerRules, at: Duration) -> Counts {
        self.streak.with(match rules.window_kind {
            WindowKind::Time => self.by_time.sums(rules.window_time, at),
            WindowKind::Calls => self.by_calls.sums(rules.window_calls),
        })
    }
}
