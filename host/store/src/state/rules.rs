//! What outlives a session: where it is kept, and how much of it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use fusebox_types::units::Size;
use fusebox_types::units::size;

/// What outlives a session: how much of a quota is used up, breakers that are
/// not closed, instances that are out of their pools, last good outputs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct StateRules {
    /// The folder, from the configuration's own; for its owner alone. Without
    /// it `$XDG_STATE_HOME/fusebox`, else `~/.local/state/fusebox`: one for all
    /// sessions of a user, so that a quota holds over all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "PathBuf", length(min = 1)))]
    pub folder: Option<PathBuf>,
    /// How much is kept of last good outputs, of agents in whose chains of
    /// fallbacks `cached` stands. The oldest go first.
    pub cached: CachedRules,
}

/// How much is kept of last good outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CachedRules {
    /// The largest output that is kept; a larger one is not. What most agents
    /// write is far smaller.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "1B", "x-most" = "64MiB")))]
    pub max_output: u64,
    /// How many outputs are kept. Enough for the tasks of some large sessions.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 100_000)))]
    pub max_outputs: u32,
    /// How large all of them may be together, as files. Little on any disk.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "1KiB", "x-most" = "64GiB")))]
    pub max_total: u64,
}

impl Default for CachedRules {
    fn default() -> Self {
        Self {
            max_output: 1 << 20,
            max_outputs: 1000,
            max_total: 64 << 20,
        }
    }
}
