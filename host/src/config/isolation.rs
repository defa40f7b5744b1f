//! When an instance leaves its pool for a while.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::units::{Rate, Share, Span, rate, span};

/// When an instance leaves its pool for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IsolationRules {
    /// Strikes in a row that quarantine an instance: traps, limits, invalid
    /// output; never back-pressure, never an upstream's fault.
    #[schemars(range(min = 1, max = 1000))]
    pub strikes: u32,
    /// How long the first quarantine lasts; the next ones last a multiple.
    #[serde(with = "span")]
    #[schemars(with = "Span", extend("x-least" = "1ms", "x-most" = "24h"))]
    pub quarantine_time: Duration,
    /// The longest quarantine.
    #[serde(with = "span")]
    #[schemars(with = "Span", extend("x-least" = "1ms", "x-most" = "720h"))]
    pub max_quarantine_time: Duration,
    /// How far that time is spread, so that instances do not come back together.
    #[serde(with = "rate")]
    #[schemars(with = "Share", extend("x-least" = "0%", "x-most" = "100%"))]
    pub quarantine_jitter: Rate,
    /// The share of a pool that may be out at once; what is left has to carry
    /// the work.
    #[serde(with = "rate")]
    #[schemars(with = "Share", extend("x-least" = "0%", "x-most" = "100%"))]
    pub max_quarantined: Rate,
}

impl Default for IsolationRules {
    fn default() -> Self {
        Self {
            strikes: 3,
            quarantine_time: Duration::from_secs(60),
            max_quarantine_time: Duration::from_secs(3600),
            quarantine_jitter: Rate::percent(10),
            max_quarantined: Rate::percent(50),
        }
    }
}
