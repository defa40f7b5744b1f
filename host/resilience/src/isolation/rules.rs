//! When an instance leaves its pool for a while.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use fusebox_types::units::{Rate, rate, span};

/// When an instance leaves its pool for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct IsolationRules {
    /// Strikes in a row that quarantine an instance: traps, limits, invalid
    /// output; never back-pressure, never an upstream's fault.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub strikes: u32,
    /// How far back an instance and its pool are compared.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "10ms", "x-most" = "24h")))]
    pub window_time: Duration,
    /// An instance is an outlier only if at least so large a share of its
    /// attempts are strikes: it does more harm than good.
    #[serde(with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Share", extend("x-least" = "0.01%", "x-most" = "100%")))]
    pub outlier_rate: Rate,
    /// Attempts that it, and the rest of its pool, must have made in the window
    /// before they are compared: a rate over fewer says nothing.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000_000)))]
    pub outlier_attempts: u32,
    /// By how many standard deviations its share must be above that of the rest
    /// of its pool. Two is chance once in forty, three once in seven hundred.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10)))]
    pub outlier_deviations: u32,
    /// How long the first quarantine lasts; the next ones last a multiple.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "24h")))]
    pub quarantine_time: Duration,
    /// The longest quarantine.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "720h")))]
    pub max_quarantine_time: Duration,
    /// How far that time is spread, so that instances do not come back together.
    #[serde(with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Share", extend("x-least" = "0%", "x-most" = "100%")))]
    pub quarantine_jitter: Rate,
    /// After so long a probe that has not ended counts no more, so that one that
    /// hangs cannot keep its instance out. Twice the default deadline.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "24h")))]
    pub probe_lease: Duration,
    /// The share of a pool that may be out at once; what is left has to carry
    /// the work. One of two or more always may, the last one never; 0 % keeps
    /// all in.
    #[serde(with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Share", extend("x-least" = "0%", "x-most" = "100%")))]
    pub max_quarantined: Rate,
    /// How often an instance is asked whether it is well, beside the tasks that
    /// show it; 0 ms asks none.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "0ms", "x-most" = "24h")))]
    pub health_interval: Duration,
    /// How long it may take to answer that.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "1h")))]
    pub health_timeout: Duration,
}

impl Default for IsolationRules {
    fn default() -> Self {
        Self {
            strikes: 3,
            window_time: Duration::from_secs(300),
            outlier_rate: Rate::percent(50),
            outlier_attempts: 20,
            outlier_deviations: 3,
            quarantine_time: Duration::from_secs(60),
            max_quarantine_time: Duration::from_secs(3600),
            quarantine_jitter: Rate::percent(10),
            probe_lease: Duration::from_secs(60),
            max_quarantined: Rate::percent(50),
            health_interval: Duration::from_secs(30),
            health_timeout: Duration::from_secs(5),
        }
    }
}
