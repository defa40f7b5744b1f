//! What a closed circuit counts: both windows and the streak, whatever the
//! rules look at now, so that a change of the rules finds them full.

use std::time::Duration;

use super::call_window::CallWindow;
use super::counts::{Call, Counts, Streak};
use super::super::time_window::TimeWindow;
use crate::config::{BreakerRules, WindowKind};

/// The calls since the last change of state.
#[derive(Debug, Default)]
pub(super) struct Tally {
    streak: Streak,
    by_calls: CallWindow,
    by_time: TimeWindow,
}

impl Tally {
    /// Counts a call that ended at `at`.
    pub(super) fn record(&mut self, call: Call, rules: &BreakerRules, at: Duration) {
        self.streak.record(call);
        self.by_calls.record(call, rules.window_calls);
        self.by_time.record(call, rules.window_time, at);
    }

    /// What the window of the rules holds at `at`.
    pub(super) fn counts(&self, rules: &BreakerRules, at: Duration) -> Counts {
        self.streak.with(match rules.window_kind {
            WindowKind::Time => self.by_time.sums(rules.window_time, at),
            WindowKind::Calls => self.by_calls.sums(rules.window_calls),
        })
    }
}
