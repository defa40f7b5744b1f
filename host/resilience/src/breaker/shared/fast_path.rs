//! When a breaker is calm: quick successes change nothing but its counts.

use std::ops::Range;
use std::time::Duration;

use crate::breaker::machine::{Breaker, Phase};
use crate::breaker::{BreakerRules, FailureModel, WindowKind, judge};
use fusebox_types::units::Rate;

/// A stretch of time in which a closed breaker grants every permit, and a quick
/// success counts into the newest bucket of the window and trips nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FastPath {
    /// The generation that is closed.
    pub(super) generation: u64,
    /// On the caller's clock. It is so short that no two moments of it are a
    /// jump of the clock, and it ends with the bucket at the latest.
    pub(super) span: Range<Duration>,
    /// It was judged by these.
    pub(super) terms: Terms,
}

/// The part of the rules that says how a quick success is counted, and what it
/// can bring about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) window_time: Duration,
    pub(super) window_calls: u32,
    min_calls: u32,
    failure_rate: Rate,
    slow_rate: Rate,
    failure_model: FailureModel,
    window_kind: WindowKind,
}

impl Terms {
    /// Those of the rules.
    pub(super) const fn of(rules: &BreakerRules) -> Self {
        Self {
            window_time: rules.window_time,
            window_calls: rules.window_calls,
            min_calls: rules.min_calls,
            failure_rate: rules.failure_rate,
            slow_rate: rules.slow_rate,
            failure_model: rules.failure_model,
            window_kind: rules.window_kind,
        }
    }
}

impl Breaker {
    /// The calm stretch that begins now, if any does.
    pub(super) fn fast_path(&self, rules: &BreakerRules) -> Option<FastPath> {
        if !matches!(self.phase, Phase::Closed) {
            return None;
        }
        let span = self.clock.steady(self.tally.bucket_end(rules.window_time)?)?;
        let counts = self.tally.counts(rules, self.clock.own());
        judge::bears_successes(rules, &counts).then(|| FastPath {
            generation: self.generation,
            span,
            terms: Terms::of(rules),
        })
    }
}
