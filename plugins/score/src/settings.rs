//! How closely to look.

use std::num::NonZeroUsize;

use serde::Deserialize;

const DEFAULT_TERMS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9);

/// The agent's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// How many key terms of the upstream text an explanation is held against.
    pub(crate) terms: NonZeroUsize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { terms: DEFAULT_TERMS }
    }
}
