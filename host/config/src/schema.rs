//! The configuration as it is written. The JSON Schema is made of these types,
//! and whatever is read is checked against it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use fusebox::config::{
    BoardRules, DegradationRules, LogRules, NotifyRules, PolicyRules, SessionRules, Upstream,
};
use fusebox_resilience::RetryRules;
use fusebox_resilience::breaker::BreakerRules;
use fusebox_resilience::isolation::IsolationRules;
use fusebox_runtime::engine::LoadingRules;
use fusebox_runtime::sandbox::{Grants, Limits};
use fusebox_secrets::SecretRef;
use fusebox_store::state::StateRules;

/// Fusebox's configuration.
///
/// Three layers, the closest wins key by key: `defaults`, then `agents.<name>`
/// or `upstreams.<name>`, then `agents.<name>.instances.<id>`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "Fusebox configuration")]
pub(super) struct ConfigFile {
    /// How a session is run.
    pub session: SessionRules,
    /// What the host says of its own work.
    pub log: LogRules,
    /// Who is told of what needs a person, and how.
    pub notify: NotifyRules,
    /// What outlives a session.
    pub state: StateRules,
    /// What loading a plugin may take.
    pub loading: LoadingRules,
    /// What holds for all agents and upstreams that do not say otherwise.
    pub defaults: Defaults,
    /// The agents by name.
    #[schemars(extend("propertyNames" = {"pattern": "^[a-z0-9-]{1,64}$"}))]
    pub agents: BTreeMap<String, AgentEntry>,
    /// The outside services that agents call, by name.
    #[schemars(extend("propertyNames" = {"pattern": "^[a-z0-9-]{1,64}$"}))]
    pub upstreams: BTreeMap<String, Upstream>,
    /// Which nodes of a board are tasks, and how results look.
    pub boards: BoardRules,
}

/// What holds for all that do not say otherwise.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Defaults {
    /// What one attempt may use.
    pub limits: Limits,
    /// What a plugin can reach.
    pub grants: Grants,
    /// Whether, how often and how late a failed task runs again.
    pub retry: RetryRules,
    /// Who decides about retries.
    pub policy: PolicyRules,
    /// When the breaker of an agent or an upstream opens and closes.
    pub breaker: BreakerRules,
    /// When an instance leaves its pool for a while.
    pub isolation: IsolationRules,
    /// What a task without a whole result comes to.
    pub degradation: DegradationRules,
}

/// An agent: a plugin, what it is told, and what it may do.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentEntry {
    /// The plugin's file, from the folder of this file.
    #[schemars(length(min = 1), extend("x-expected" = "the path of a plugin, such as `plugins/score.wasm`"))]
    pub plugin: PathBuf,
    /// What the plugin is told. A task, a board's rule or an instance may lay
    /// its own over it, key by key.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// Secrets, handed to the plugin among its settings under these names.
    #[serde(default)]
    #[schemars(extend("x-sensitive" = true, "x-expected" = SECRETS))]
    pub secrets: BTreeMap<String, SecretRef>,
    /// What one attempt may use.
    #[serde(default)]
    pub limits: Limits,
    /// What the plugin can reach.
    #[serde(default)]
    pub grants: Grants,
    /// Whether, how often and how late a failed task runs again.
    #[serde(default)]
    pub retry: RetryRules,
    /// Who decides about retries.
    #[serde(default)]
    pub policy: PolicyRules,
    /// When its breaker opens and closes.
    #[serde(default)]
    pub breaker: BreakerRules,
    /// When an instance leaves the pool for a while.
    #[serde(default)]
    pub isolation: IsolationRules,
    /// What a task without a whole result comes to.
    #[serde(default)]
    pub degradation: DegradationRules,
    /// Copies with settings, secrets, limits and grants of their own, by id.
    /// Without any there is one, `default`.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"pattern": "^[a-z0-9-]{1,64}$"}, "maxProperties" = 256, "x-expected" = "a mapping of at most 256 instances"))]
    pub instances: BTreeMap<String, InstanceEntry>,
}

const SECRETS: &str = "a mapping of names to references, such as `{ api_key: { env: GLM_API_KEY } }`";

/// One copy of an agent.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct InstanceEntry {
    /// What the plugin is told, over the agent's settings.
    pub settings: Map<String, Value>,
    /// Secrets, over the agent's.
    #[schemars(extend("x-sensitive" = true, "x-expected" = SECRETS))]
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
