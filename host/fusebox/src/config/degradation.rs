//! What a task without a whole result comes to.

mod link;

use fusebox_resilience::degradation::FallbackLink;
use serde::{Deserialize, Serialize};

/// What a task without a whole result comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DegradationRules {
    /// What to do with a task when one that it depends on has no result, unless
    /// the task, or its edge to that one, says it itself. `skip`: most agents can do nothing without it.
    pub on_upstream_failure: OnUpstreamFailure,
    /// Whether a partial result of a task that failed is kept, marked as such.
    /// Part of an answer is better than none.
    pub keep_partial: bool,
    /// What to try, in this order, when a task's retries have ended without a
    /// result. Nothing, not even a value, stands in unasked: a stand-in that
    /// nobody knows of is taken for a result.
    #[serde(with = "link::chain")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<link::Written>"))]
    pub fallback: Vec<FallbackLink>,
}

impl DegradationRules {
    /// Whether whole results are kept for tasks that are to fall back to them.
    pub(crate) fn keeps_results(&self) -> bool {
        let mut links = self.fallback.iter();
        links.any(|link| matches!(link, FallbackLink::Cached { .. }))
    }
}

impl Default for DegradationRules {
    fn default() -> Self {
        Self {
            on_upstream_failure: OnUpstreamFailure::Skip,
            keep_partial: true,
            fallback: Vec::new(),
        }
    }
}

/// What to do with a task when one that it depends on has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OnUpstreamFailure {
    /// Do not run it.
    #[default]
    Skip,
    /// Run it with what there is, and tell the plugin so.
    RunDegraded,
    /// Run it with the fallback that the session file or the board's rule gives
    /// for the other's result, and tell the plugin so; skip it if there is none.
    Fallback,
    /// Do not run it, and have the session fail. Tasks that do not depend on it
    /// go on.
    FailSession,
}
