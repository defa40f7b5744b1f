//! When a breaker opens and closes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use fusebox_types::units::{Rate, rate, span};

/// Most calls that a window of calls holds: it has a bit or two for each.
pub const MAX_WINDOW_CALLS: u32 = 10_000;

/// So many calls in flight at once leave failures in a row what they are.
const FEW_IN_FLIGHT: u32 = 4;

/// When a breaker opens and closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BreakerRules {
    /// Whether the breaker refuses calls, only counts, or does neither.
    pub mode: BreakerMode,
    /// What opens it: failures in a row, or a share of failures in a window.
    pub failure_model: FailureModel,
    /// Failures in a row that open it (`consecutive`). One may be chance, five
    /// are not. For an upstream to which more than four may be in flight at
    /// once, at least so many.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000_000)))]
    pub failure_threshold: u32,
    /// Probes that have to succeed before it closes.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub success_threshold: u32,
    /// Probes in flight at once while it is half-open, at most: what is reached
    /// after the two successes before the one that closes it.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub probes: u32,
    /// Whether the first probe is alone and each success doubles how many may be in
    /// flight, so that a service that comes back is not met by all at once. A
    /// failure begins anew.
    pub probe_ramp: bool,
    /// After so long a probe that has not ended counts no more, so that one that
    /// hangs cannot keep the breaker half-open. Twice the default deadline.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "24h")))]
    pub probe_lease: Duration,
    /// How long it stays open before it is probed. A probe costs next to nothing,
    /// and work is held until one succeeds.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "24h")))]
    pub open_time: Duration,
    /// The factor by which that grows with each trip without a lasting recovery
    /// between; 1 keeps it as it is.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10)))]
    pub open_growth: u32,
    /// The longest that it stays open, so that a recovery is seen in time.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "24h")))]
    pub max_open_time: Duration,
    /// How far the open time is spread, so that breakers that opened together
    /// are not probed together.
    #[serde(with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Share", extend("x-least" = "0%", "x-most" = "100%")))]
    pub open_jitter: Rate,
    /// How long a task of a session is held back while the breaker is open, all such
    /// times of the task together, before it ends without a result. 0 lets it end at
    /// once.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "0ms", "x-most" = "24h")))]
    pub hold: Duration,
    /// What the window holds (`window`): a time, or a number of calls.
    pub window_kind: WindowKind,
    /// How far back a window of time reaches.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "10ms", "x-most" = "24h")))]
    pub window_time: Duration,
    /// How many calls a window of calls holds.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_WINDOW_CALLS)))]
    pub window_calls: u32,
    /// Calls that a window has to hold before it is judged: a rate over fewer
    /// says nothing.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000_000)))]
    pub min_calls: u32,
    /// The share of failures that opens it.
    #[serde(with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Share", extend("x-least" = "0.01%", "x-most" = "100%")))]
    pub failure_rate: Rate,
    /// A call is slow if it takes longer.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "24h")))]
    pub slow_call: Duration,
    /// The share of slow calls that opens it; all of them, by default, because
    /// slow is not broken.
    #[serde(with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Share", extend("x-least" = "0.01%", "x-most" = "100%")))]
    pub slow_rate: Rate,
}

impl Default for BreakerRules {
    fn default() -> Self {
        Self {
            mode: BreakerMode::On,
            failure_model: FailureModel::Consecutive,
            failure_threshold: 5,
            success_threshold: 3,
            probes: 4,
            probe_ramp: true,
            probe_lease: Duration::from_secs(60),
            open_time: Duration::from_secs(10),
            open_growth: 2,
            max_open_time: Duration::from_secs(20),
            open_jitter: Rate::percent(10),
            hold: Duration::from_secs(300),
            window_kind: WindowKind::Time,
            window_time: Duration::from_secs(300),
            window_calls: 100,
            min_calls: 10,
            failure_rate: Rate::percent(50),
            slow_call: Duration::from_secs(30),
            slow_rate: Rate::percent(100),
        }
    }
}

impl BreakerRules {
    /// The same for a callee that so many calls may be in flight to at once: fewer
    /// failures in a row than that may be one and the same moment, or chance that quick
    /// failures are heard of before the successes beside them.
    #[must_use]
    pub const fn over_calls_in_flight(self, in_flight: u32) -> Self {
        let is_raised = in_flight > FEW_IN_FLIGHT && in_flight > self.failure_threshold;
        let failure_threshold = match is_raised {
            true => in_flight,
            false => self.failure_threshold,
        };
        Self {
            failure_threshold,
            ..self
        }
    }

    /// The same for an agent. A sandbox is no service, and no rest helps it: while its
    /// breaker is open its tasks run one at a time, so that each success counts towards
    /// closing it and no failure costs more than its own task.
    #[must_use]
    pub const fn one_at_a_time(self) -> Self {
        Self {
            open_time: Duration::ZERO,
            max_open_time: Duration::ZERO,
            probes: 1,
            // A permit always comes back: it hands itself back.
            probe_lease: Duration::MAX,
            ..self
        }
    }
}

/// Whether a breaker refuses calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BreakerMode {
    /// It does when it is open.
    #[default]
    On,
    /// It counts and says what it would do.
    MetricsOnly,
    /// There is none.
    Off,
}

/// What opens a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FailureModel {
    /// Failures in a row.
    #[default]
    Consecutive,
    /// The share of failures or slow calls in a window.
    Window,
}

/// What a window holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WindowKind {
    /// The calls of a time.
    #[default]
    Time,
    /// The last so many calls.
    Calls,
}
