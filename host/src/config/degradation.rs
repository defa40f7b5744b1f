//! What a task without a whole result comes to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a task without a whole result comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DegradationRules {
    /// What to do with a task when one that it depends on has no result, unless
    /// the task, or its edge to that one, says it itself. `skip`: most agents can do nothing without it.
    pub on_upstream_failure: OnUpstreamFailure,
    /// Whether a partial result of a task that failed is kept, marked as such.
    /// Part of an answer is better than none.
    pub keep_partial: bool,
}

impl Default for DegradationRules {
    fn default() -> Self {
        Self {
            on_upstream_failure: OnUpstreamFailure::Skip,
            keep_partial: true,
        }
    }
}

/// What to do with a task when one that it depends on has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnUpstreamFailure {
    /// Do not run it.
    #[default]
    Skip,
    /// Run it with what there is, and tell the plugin so.
    RunDegraded,
    /// Run it with the fallback that the session file gives for the other's
    /// result, and tell the plugin so; skip it if there is none.
    Fallback,
    /// Do not run it, and have the session fail. Tasks that do not depend on it
    /// go on.
    FailSession,
}
