//! How many, and of what.

use std::num::NonZeroUsize;

use serde::Deserialize;

const DEFAULT_MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9);

/// The agent's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// How many key phrases there are at most.
    pub(crate) max: NonZeroUsize,
    /// Whether the results that the task depends on belong to the text.
    pub(crate) include_upstream: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max: DEFAULT_MAX,
            include_upstream: false,
        }
    }
}
