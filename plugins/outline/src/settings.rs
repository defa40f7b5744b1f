//! How deep, and how many questions.

use std::num::NonZeroUsize;

use serde::Deserialize;

const DEFAULT_DEPTH: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

/// The agent's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// How deep sections nest; what is deeper belongs to the section above it.
    pub(crate) depth: NonZeroUsize,
    /// How many questions a section has at most.
    pub(crate) max_questions: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            depth: DEFAULT_DEPTH,
            max_questions: 3,
        }
    }
}
