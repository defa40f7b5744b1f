//! When an instance is clearly worse than the others, and for how long it goes.

use serde::Deserialize;

/// The policy's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// The fewest strikes of which a share says anything.
    pub(crate) min_strikes: u64,
    /// The least share of strikes, in hundredths.
    pub(crate) min_percent: u64,
    /// How many times as large as that of the others its share has to be.
    pub(crate) times_worse: u64,
    /// From which share of strikes on, in hundredths, the others are bad
    /// themselves.
    pub(crate) pool_percent: u64,
    /// The first quarantine, in milliseconds. Each one doubles it.
    pub(crate) base_ms: u64,
    /// The longest quarantine, in milliseconds.
    pub(crate) max_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min_strikes: 3,
            min_percent: 20,
            times_worse: 3,
            pool_percent: 30,
            base_ms: 60_000,
            max_ms: 3_600_000,
        }
    }
}
