//! Who decides: the built-in policies, or somebody's component.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The word for the policy that comes with the host.
const BUILT_IN: &str = "built-in";

/// Who decides about retries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyRules {
    /// A component that decides whether and when a failed task runs again, from
    /// the folder of this file; or `built-in`, which needs none. It decides
    /// within `retry`, and the built-in one takes over where it fails.
    #[schemars(length(min = 1))]
    pub retry: String,
    /// What the component is told.
    pub retry_settings: Map<String, Value>,
}

impl Default for PolicyRules {
    fn default() -> Self {
        Self {
            retry: BUILT_IN.into(),
            retry_settings: Map::new(),
        }
    }
}

impl PolicyRules {
    /// The component that decides about retries; none if the host does.
    pub fn retry_component(&self) -> Option<PathBuf> {
        (self.retry != BUILT_IN).then(|| PathBuf::from(&self.retry))
    }
}
