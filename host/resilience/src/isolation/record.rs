//! What is kept of the attempts of one instance.

use std::collections::VecDeque;
use std::time::Duration;

use super::super::counts::{Call, Sums};
use super::super::time_window::TimeWindow;
use super::durations::Durations;
use super::outcome::{Outcome, Usage};
use crate::isolation::IsolationRules;
use fusebox_types::failure::{Code, Failure};

/// How many strikes are kept as evidence.
const EVIDENCE: usize = 4;
/// Longest message in the evidence, in bytes.
const MESSAGE: usize = 256;

/// A strike that is remembered.
#[derive(Debug, Clone)]
pub(super) struct Strike {
    pub(super) code: Code,
    pub(super) message: Box<str>,
    pub(super) at: Duration,
}

impl Strike {
    pub(super) fn new(failure: &Failure, at: Duration) -> Self {
        let mut message = failure.message.as_str();
        if message.len() > MESSAGE {
            message = message
                .get(..message.floor_char_boundary(MESSAGE))
                .unwrap_or_default();
        }
        Self {
            code: failure.code.clone(),
            message: message.into(),
            at,
        }
    }
}

/// What is kept of the attempts of one instance. Its size does not grow with
/// them.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Since the pool began: successes, strikes, and what was neither.
    pub(super) succeeded: u64,
    pub(super) struck: u64,
    pub(super) neutral: u64,
    /// Since the last change: strikes since the last success.
    pub(super) consecutive: u32,
    /// Since the last change.
    window: TimeWindow,
    pub(super) durations: Durations,
    pub(super) memory_peak: u64,
    pub(super) cpu: Duration,
    /// The last ones, the oldest first.
    pub(super) strikes: VecDeque<Strike>,
}

impl Record {
    /// Counts an attempt in what is never begun anew.
    pub(super) fn add(&mut self, outcome: Outcome<'_>, usage: Usage) {
        let total = match outcome {
            Outcome::Success => &mut self.succeeded,
            Outcome::Strike(_) => &mut self.struck,
            Outcome::Neutral => &mut self.neutral,
        };
        *total = total.saturating_add(1);
        self.memory_peak = self.memory_peak.max(usage.memory_peak);
        self.cpu = self.cpu.saturating_add(usage.cpu);
        if outcome != Outcome::Neutral {
            self.durations.add(usage.duration);
        }
    }

    /// Counts a success or a strike in the window.
    pub(super) fn add_to_window(&mut self, failed: bool, rules: &IsolationRules, at: Duration) {
        let call = Call { failed, slow: false };
        self.window.add(call.into(), rules.window_time, at);
    }

    /// Remembers a strike.
    pub(super) fn strike(&mut self, failure: &Failure, at: Duration) {
        self.consecutive = self.consecutive.saturating_add(1);
        if self.strikes.len() >= EVIDENCE {
            self.strikes.pop_front();
        }
        self.strikes.push_back(Strike::new(failure, at));
    }

    /// What the window holds at `at`.
    pub(super) fn sums(&self, rules: &IsolationRules, at: Duration) -> Sums {
        self.window.sums(rules.window_time, at)
    }

    /// Begins the counts anew on which a verdict is based.
    pub(super) fn begin_anew(&mut self) {
        self.consecutive = 0;
        self.window = TimeWindow::default();
    }
}
