//! What is worth keeping, and when a session is lost.

use serde::Deserialize;

/// The policy's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// The smallest partial result that is worth keeping, in bytes.
    pub(crate) min_partial_bytes: u64,
    /// Which share of the session's tasks may fail, in hundredths.
    pub(crate) max_failed_percent: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min_partial_bytes: 1,
            max_failed_percent: 50,
        }
    }
}
