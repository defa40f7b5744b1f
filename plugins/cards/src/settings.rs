//! How many cards.

use std::num::NonZeroUsize;

use serde::Deserialize;

const DEFAULT_MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(49);

/// The agent's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// How many cards there are at most.
    pub(crate) max: NonZeroUsize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max: DEFAULT_MAX }
    }
}
