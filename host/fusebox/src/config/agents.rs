//! Agents, instances and upstreams, all layers laid over each other.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::{DegradationRules, PolicyRules};
use fusebox_resilience::RetryRules;
use fusebox_resilience::breaker::BreakerRules;
use fusebox_resilience::isolation::IsolationRules;
use fusebox_runtime::sandbox::{Grants, Limits};
use fusebox_secrets::SecretRef;

/// A named, configured service backed by a plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// The plugin's file.
    pub plugin: PathBuf,
    /// Its instances; at least one.
    pub instances: Vec<Instance>,
    /// When its breaker opens and closes.
    pub breaker: BreakerRules,
    /// Who decides what is decided for the agent as a whole.
    pub policy: PolicyRules,
    /// When an instance leaves the pool for a while.
    pub isolation: IsolationRules,
    /// What a task without a whole result comes to.
    pub degradation: DegradationRules,
}

/// One configured copy of an agent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Instance {
    /// Its id; `default` where the configuration names none.
    pub id: String,
    /// What the plugin is told, besides a task's own settings.
    pub settings: Map<String, Value>,
    /// Secrets that it is handed among its settings, by name.
    pub secrets: BTreeMap<String, SecretRef>,
    /// What one attempt may use.
    pub limits: Limits,
    /// What the plugin can reach.
    pub grants: Grants,
    /// Whether, how often and how late a failed task runs again.
    pub retry: RetryRules,
    /// Who decides about retries.
    pub policy: PolicyRules,
}
