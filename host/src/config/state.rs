//! Where it is kept what outlives a session.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What outlives a session: how much of a quota is used up, circuits that are
/// not closed, instances that are out of their pools.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StateRules {
    /// The folder, from the configuration's own; for its owner alone. Without
    /// it `$XDG_STATE_HOME/fusebox`, else `~/.local/state/fusebox`: one for all
    /// sessions of a user, so that a quota holds over all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "PathBuf", length(min = 1))]
    pub folder: Option<PathBuf>,
}
