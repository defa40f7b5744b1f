//! How much may be asked of an upstream.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use fusebox_types::units::{size, span};

/// How much may be asked of an upstream, by all agents together. Each agent that
/// was granted it has an equal part of the rate and of the quotas, and none can
/// spend another's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct UpstreamLimits {
    /// Requests in flight at once; one more waits, and agents that wait take turns.
    /// Four is what providers of models commonly allow.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub in_flight: u32,
    /// Whether fewer are in flight for a while when the service answers 429 or 503, or
    /// ever later. On by default: a healthy service is always asked for all.
    pub adaptive: bool,
    /// How fast requests may follow each other. No rate by default: a service
    /// says by itself when it is too fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "RateRule"))]
    pub rate: Option<RateRule>,
    /// Requests in a long window, over all runs of the same state directory, such
    /// as 120 in 5 h. Warnings come at 80, 90 and 95 %. None by default.
    #[cfg_attr(feature = "schema", schemars(extend("maxItems" = 4, "x-expected" = "a list of at most 4 quotas, such as `[{ requests: 120, window: 5h }]`")))]
    pub quotas: Vec<QuotaRule>,
    /// Bytes of a request's body. As much as an attempt may send at all.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Size", extend("x-least" = "0B", "x-most" = "64MiB")))]
    pub request: u64,
    /// Bytes of an answer's body. An API's answer is far below it.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Size", extend("x-least" = "0B", "x-most" = "64MiB")))]
    pub response: u64,
}

impl Default for UpstreamLimits {
    fn default() -> Self {
        Self {
            in_flight: 4,
            adaptive: true,
            rate: None,
            quotas: Vec::new(),
            request: 8 << 20,
            response: 8 << 20,
        }
    }
}

/// How fast requests may follow each other, spread evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RateRule {
    /// Requests in the time of `per`.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100_000)))]
    pub requests: u32,
    /// The time.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "24h")))]
    pub per: Duration,
    /// Requests that may come at once after a pause. One by default, which is
    /// what keeps within the strictest reading of a rate.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100_000)))]
    pub burst: u32,
}

const fn one() -> u32 {
    1
}

/// Requests in a long window that slides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuotaRule {
    /// Requests in any stretch as long as the window.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000_000)))]
    pub requests: u32,
    /// How long the window is.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1s", "x-most" = "1000h")))]
    pub window: Duration,
}
