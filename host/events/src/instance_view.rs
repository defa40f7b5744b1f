//! How an instance is doing, as it is shown.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::quarantine_view::{QuarantineView, before, time};
use fusebox_resilience::isolation::{Checked, Health, PastFailure, Quarantined, State};

/// How an instance is doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InstanceView {
    /// The agent.
    pub agent: String,
    /// The instance.
    pub instance: String,
    /// `in-service`, `held` (only because its pool needs it) or `quarantined`.
    pub state: String,
    /// Whether it is in its pool with fewer strikes than quarantine one, and its
    /// last health check, if there was one, did not fail.
    pub healthy: bool,
    /// Attempts under way.
    pub in_flight: u32,
    /// Attempts that succeeded.
    pub succeeded: u64,
    /// Attempts that failed by its own doing.
    pub strikes: u64,
    /// Attempts that say nothing of it: back-pressure, upstreams, cancelled.
    pub neutral: u64,
    /// The share of strikes among those that say something, from 0 to 1.
    pub error_rate: f64,
    /// The median duration of its last attempts, in milliseconds.
    pub median_ms: Option<f64>,
    /// The duration of its last attempt, in milliseconds.
    pub last_ms: Option<f64>,
    /// The most bytes of memory that an attempt had at once.
    pub memory_peak_bytes: u64,
    /// How long its attempts held a core, together, in milliseconds.
    pub cpu_ms: f64,
    /// Its last strike.
    pub last_failure: Option<LastFailure>,
    /// Its last health check.
    pub check: Option<CheckView>,
    /// Its quarantine, if it is out.
    pub quarantine: Option<QuarantineView>,
}

/// A health check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckView {
    /// When it ended, in UTC.
    pub at: String,
    /// How long the answer took, in milliseconds.
    pub response_ms: f64,
    /// The most bytes of memory that there were at once.
    pub memory_peak_bytes: u64,
    /// How long it held a core, in milliseconds.
    pub cpu_ms: f64,
    /// What went wrong; none if the instance is well.
    pub failure: Option<LastFailure>,
}

/// A failure of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LastFailure {
    /// When, in UTC.
    pub at: String,
    /// Its code.
    pub code: String,
    /// In words, cut short. May hold a plugin's.
    pub message: String,
}

impl InstanceView {
    pub fn new(agent: &str, health: &Health, out: Option<&Quarantined>, at: Timestamp) -> Self {
        let told = health.succeeded.saturating_add(health.struck);
        Self {
            agent: agent.to_owned(),
            instance: health.instance.to_string(),
            state: name(health.state).to_owned(),
            healthy: health.healthy,
            in_flight: health.in_flight,
            succeeded: health.succeeded,
            strikes: health.struck,
            neutral: health.neutral,
            error_rate: share(health.struck, told),
            median_ms: health.median.map(millis),
            last_ms: health.last_duration.map(millis),
            memory_peak_bytes: health.memory_peak,
            cpu_ms: millis(health.cpu),
            last_failure: health
                .last_failure
                .as_ref()
                .map(|failure| LastFailure::new(failure, at)),
            check: health.check.as_ref().map(|check| CheckView::new(check, at)),
            quarantine: out.map(|out| QuarantineView::of(agent, out, at)),
        }
    }
}

impl CheckView {
    fn new(checked: &Checked, at: Timestamp) -> Self {
        Self {
            at: time(before(at, checked.ago)),
            response_ms: millis(checked.usage.duration),
            memory_peak_bytes: checked.usage.memory_peak,
            cpu_ms: millis(checked.usage.cpu),
            failure: checked
                .failure
                .as_ref()
                .map(|failure| LastFailure::new(failure, at)),
        }
    }
}

impl LastFailure {
    fn new(failure: &PastFailure, at: Timestamp) -> Self {
        Self {
            at: time(before(at, failure.ago)),
            code: failure.code.to_string(),
            message: failure.message.to_string(),
        }
    }
}

const fn name(state: State) -> &'static str {
    match state {
        State::InService => "in-service",
        State::Held => "held",
        State::Quarantined => "quarantined",
    }
}

/// A part of a whole, to four decimals; nothing of nothing.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    (part as f64 / whole as f64 * 1e4).round() / 1e4
}

/// Milliseconds with three decimals.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
