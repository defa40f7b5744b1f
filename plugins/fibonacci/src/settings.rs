//! How long, and how much of it is left to chance.

use serde::Deserialize;

/// The policy's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// The first wait, in milliseconds.
    pub(crate) base_ms: u64,
    /// The longest wait, in milliseconds.
    pub(crate) max_ms: u64,
    /// Which part of a wait is left to chance.
    pub(crate) jitter: Jitter,
}

/// Which part of a wait is left to chance.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Jitter {
    /// Nothing.
    None,
    /// Half of it.
    Equal,
    /// All of it.
    Full,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_ms: 500,
            max_ms: 30_000,
            jitter: Jitter::None,
        }
    }
}
