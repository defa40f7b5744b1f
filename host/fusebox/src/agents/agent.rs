//! An agent that is ready to run: its plugin prepared, its policies loaded.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::load_error::LoadError;
use super::policies::Policies;
use crate::config::{self, DegradationRules};
use fusebox_resilience::RetryRules;
use fusebox_resilience::breaker::BreakerRules;
use fusebox_resilience::isolation::IsolationRules;
use fusebox_runtime::plugin::{About, PolicyUse, Prepared};
use fusebox_runtime::sandbox::bindings::AgentHostPre;
use fusebox_runtime::sandbox::{self, Breaker, Capabilities, Degradation, Isolation, Limits, Retry, State};
use fusebox_secrets::{Secret, SecretRef, Vault};
use fusebox_store::state::Identity;
use fusebox_types::InstanceId;
use fusebox_types::digest::Digest;
use fusebox_types::failure::Failure;

/// A named agent, ready to run.
pub struct Agent {
    /// Its name in the configuration.
    pub name: String,
    /// What its plugin says of itself; the least, if it did not say it.
    pub about: Arc<About>,
    /// Why its plugin did not say what it is, if so.
    unready: Option<Arc<Failure>>,
    /// Its instances; at least one.
    pub instances: Vec<Instance>,
    /// When its breaker opens and closes.
    pub breaker: BreakerRules,
    /// Who judges the breaker; none leaves it to the built-in policy.
    pub(crate) breaker_policy: Option<PolicyUse<Breaker>>,
    /// When an instance leaves the pool for a while.
    pub isolation: IsolationRules,
    /// Who judges the instances; none leaves it to the built-in policy.
    pub(crate) isolation_policy: Option<PolicyUse<Isolation>>,
    /// What a task without a whole result comes to.
    pub degradation: DegradationRules,
    /// Who says so; none leaves it to the built-in policy.
    pub(crate) degradation_policy: Option<PolicyUse<Degradation>>,
    /// The SHA-256 of its plugin.
    pub digest: Digest,
    /// The plugin's file.
    path: PathBuf,
    pub(crate) pre: AgentHostPre<State>,
}

impl Agent {
    /// An agent as configured, over a plugin that is ready.
    pub(super) fn new(
        name: &str,
        config: &config::Agent,
        Prepared { pre, about, digest }: Prepared,
        policies: &mut Policies<'_>,
        vault: &Vault,
    ) -> Result<Self, LoadError> {
        let (about, unready) = match about {
            Ok(about) => (about, None),
            Err(failure) => (Arc::new(About::unsaid()), Some(failure)),
        };
        let instances = config.instances.iter().map(|instance| {
            let policy = policies.retry(name, instance.policy.retry())?;
            let secrets = secrets(name, instance, vault)?;
            let granted = Capabilities::new(&instance.grants, secrets.clone());
            let granted = granted.map_err(|source| LoadError::Folder {
                agent: name.to_owned(),
                source,
            })?;
            Ok(Instance::new(name, instance, &secrets, granted, policy))
        });
        Ok(Self {
            name: name.to_owned(),
            about,
            unready,
            instances: instances.collect::<Result<_, LoadError>>()?,
            breaker: config.breaker,
            breaker_policy: policies.breaker(name, config.policy.breaker())?,
            isolation: config.isolation,
            isolation_policy: policies.isolation(name, config.policy.isolation())?,
            degradation: config.degradation.clone(),
            degradation_policy: policies.degradation(name, config.policy.degradation())?,
            digest,
            path: config.plugin.clone(),
            pre,
        })
    }

    /// Whether its plugin has said what it is. If not, its tasks fail of this.
    ///
    /// # Errors
    /// How `describe` failed.
    pub fn ready(&self) -> Result<(), &Arc<Failure>> {
        self.unready.as_ref().map_or(Ok(()), Err)
    }

    /// An instance of it.
    /// The upstream that its tasks need, if they can need only one.
    pub(crate) fn only_upstream(&self) -> Option<&str> {
        let mut granted = self.instances.iter().flat_map(Instance::upstreams);
        let first = granted.next()?;
        let is_first = |name: &String| name == first;
        let all = self
            .instances
            .iter()
            .all(|instance| !instance.upstreams().is_empty());
        (all && granted.all(is_first)).then_some(first)
    }

    pub(crate) fn instance(&self, id: InstanceId) -> Option<&Instance> {
        self.instances.iter().find(|instance| instance.id == id)
    }

    /// Whether its instances have the same settings and reach the same, so that
    /// whichever runs a task makes the same requests.
    pub(crate) fn instances_are_alike(&self) -> bool {
        let others = self.instances.iter().skip(1);
        let Some(first) = self.instances.first() else {
            return true;
        };
        others.into_iter().all(|instance| instance.is_like(first))
    }

    /// Whose state it is that outlives a session.
    pub(crate) fn identity(&self) -> Identity {
        Identity::agent(&self.name, &self.path, self.digest)
    }

    /// Its plugin, for another agent or another configuration of this one; none if
    /// it is to be asked again what it is.
    pub(super) fn plugin(&self) -> Option<(PathBuf, Prepared)> {
        self.ready().ok()?;
        let prepared = Prepared {
            pre: self.pre.clone(),
            about: Ok(self.about.clone()),
            digest: self.digest,
        };
        Some((self.path.clone(), prepared))
    }
}

/// Fetches the secrets of an instance.
fn secrets(
    agent: &str,
    instance: &config::Instance,
    vault: &Vault,
) -> Result<BTreeMap<String, Secret>, LoadError> {
    let fetch = |(name, secret): (&String, &SecretRef)| match vault.fetch(secret, name) {
        Ok(secret) => Ok((name.clone(), secret)),
        Err(source) => Err(LoadError::Secret {
            agent: agent.to_owned(),
            name: name.clone(),
            source,
        }),
    };
    instance.secrets.iter().map(fetch).collect()
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agent")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// One configured copy of an agent. Its settings may hold secrets, so it shows
/// only its id.
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// What one attempt may use.
    pub limits: Limits,
    /// Whether, how often and how late a failed task runs again.
    pub retry: RetryRules,
    /// Who decides about retries; none leaves it to the built-in policy.
    pub(crate) policy: Option<PolicyUse<Retry>>,
    pub(crate) settings: Map<String, Value>,
    /// The settings as JSON, for the tasks that have none of their own.
    pub(crate) settings_json: String,
    /// Who it is to upstreams, and which it may call.
    pub(crate) identity: sandbox::Identity,
    /// What it can reach and what it must not show; none if that is nothing.
    pub(crate) granted: Option<Arc<Capabilities>>,
}

impl Instance {
    /// The upstreams that it was granted.
    pub(crate) fn upstreams(&self) -> &[String] {
        &self.identity.upstreams
    }

    fn environment(&self) -> &[(String, String)] {
        self.granted.as_ref().map_or(&[], |granted| granted.environment())
    }

    /// Whether another has the same settings, upstreams and environment.
    fn is_like(&self, other: &Self) -> bool {
        self.settings == other.settings
            && self.identity.upstreams == other.identity.upstreams
            && self.environment() == other.environment()
    }

    /// An instance as configured.
    pub(super) fn new(
        agent: &str,
        config: &config::Instance,
        secrets: &BTreeMap<String, Secret>,
        granted: Option<Arc<Capabilities>>,
        policy: Option<PolicyUse<Retry>>,
    ) -> Self {
        let mut settings = config.settings.clone();
        for (name, secret) in secrets {
            settings.insert(name.clone(), Value::String(secret.reveal().to_owned()));
        }
        Self {
            id: InstanceId::new(&config.id),
            limits: config.limits,
            retry: config.retry.clone(),
            policy,
            settings_json: Value::Object(settings.clone()).to_string(),
            settings,
            identity: sandbox::Identity {
                agent: agent.into(),
                instance: config.id.as_str().into(),
                upstreams: config.grants.upstreams.clone().into(),
            },
            granted,
        }
    }
}

impl Agent {
    /// What is another thing than in an earlier self, and is not written in the
    /// configuration.
    pub(super) fn changes_since(&self, old: &Agent) -> Vec<String> {
        let mut lines = Vec::new();
        if let (Some(now), Some(old)) = (&self.breaker_policy, &old.breaker_policy) {
            lines.extend(now.change_since(old));
        }
        if let (Some(now), Some(old)) = (&self.isolation_policy, &old.isolation_policy) {
            lines.extend(now.change_since(old));
        }
        if let (Some(now), Some(old)) = (&self.degradation_policy, &old.degradation_policy) {
            lines.extend(now.change_since(old));
        }
        for instance in &self.instances {
            if let Some(old) = old.instances.iter().find(|old| old.id == instance.id) {
                lines.extend(instance.changes_since(old, &self.name));
            }
        }
        lines
    }
}

impl Instance {
    /// What is another thing than in an earlier self, and is not written in the
    /// configuration.
    fn changes_since(&self, old: &Instance, agent: &str) -> Vec<String> {
        let mut lines = Vec::new();
        if let (Some(now), Some(old)) = (&self.policy, &old.policy) {
            lines.extend(now.change_since(old));
        }
        let secrets = |instance: &Instance| {
            instance
                .granted
                .as_ref()
                .and_then(|granted| granted.fingerprint())
        };
        if secrets(self) != secrets(old) {
            lines.push(format!(
                "agents.{agent}.instances.{}: its secrets are others",
                self.id
            ));
        }
        lines
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
