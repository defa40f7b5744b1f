//! Policies: components that decide, checked and ready to be asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};
use wasmtime::component::{Component, Linker};

use super::load_error::LoadError;
use super::registry::{read, unusable};
use super::world::Surface;
use crate::config::PolicyChoice;
use crate::engine::{Engine, PluginFault};
use crate::sandbox::{self, Breaker, Degradation, Isolation, PolicyKind, PolicyState, Retry};
use fusebox_types::digest::Digest;

/// A policy of some kind that is ready to be asked.
pub(crate) struct Policy<K: PolicyKind> {
    /// Its name: the file, as the configuration names it.
    pub(crate) name: Arc<str>,
    /// Its bytes, told apart from others.
    pub(crate) digest: Digest,
    pub(crate) pre: K::Pre,
}

impl<K: PolicyKind> std::fmt::Debug for Policy<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} policy {}", K::NAME, self.name)
    }
}

/// A policy and what it is told.
#[derive(Debug)]
pub(crate) struct PolicyUse<K: PolicyKind> {
    pub(crate) policy: Arc<Policy<K>>,
    /// Its settings, as JSON.
    pub(crate) settings: Arc<str>,
}

impl<K: PolicyKind> Clone for PolicyUse<K> {
    fn clone(&self) -> Self {
        Self {
            policy: self.policy.clone(),
            settings: self.settings.clone(),
        }
    }
}

impl<K: PolicyKind> PolicyUse<K> {
    pub(crate) fn new(policy: Arc<Policy<K>>, settings: &Map<String, Value>) -> Self {
        Self {
            policy,
            settings: Value::Object(settings.clone()).to_string().into(),
        }
    }

    /// That the file has another content than before, if it has.
    pub(super) fn change_since(&self, old: &Self) -> Option<String> {
        let (now, old) = (&self.policy, &old.policy);
        let changed = now.name == old.name && now.digest != old.digest;
        changed.then(|| format!("policy {}: its file has another content", now.name))
    }
}

/// Turns files into policies; each file once.
pub(super) struct Policies<'a> {
    linked: Linked<'a>,
    pub(super) retry: Loaded<Retry>,
    pub(super) breaker: Loaded<Breaker>,
    pub(super) isolation: Loaded<Isolation>,
    pub(super) degradation: Loaded<Degradation>,
}

/// What components are linked to.
pub(super) struct Linked<'a> {
    engine: &'a Engine,
    linker: Linker<PolicyState>,
}

/// The policies of one kind, by their files.
pub(super) type Loaded<K> = BTreeMap<PathBuf, Arc<Policy<K>>>;

impl<'a> Policies<'a> {
    pub(super) fn new(engine: &'a Engine) -> Result<Self, LoadError> {
        Ok(Self {
            linked: Linked::new(engine)?,
            retry: BTreeMap::new(),
            breaker: BTreeMap::new(),
            isolation: BTreeMap::new(),
            degradation: BTreeMap::new(),
        })
    }

    /// The retry policy that is named for an agent, if one is.
    pub(super) fn retry(
        &mut self,
        agent: &str,
        choice: PolicyChoice<'_>,
    ) -> Result<Option<PolicyUse<Retry>>, LoadError> {
        self.linked.chosen(&mut self.retry, agent, choice)
    }

    /// The breaker policy that is named for an agent or an upstream, if one is.
    pub(super) fn breaker(
        &mut self,
        of: &str,
        choice: PolicyChoice<'_>,
    ) -> Result<Option<PolicyUse<Breaker>>, LoadError> {
        self.linked.chosen(&mut self.breaker, of, choice)
    }

    /// The isolation policy that is named for an agent, if one is.
    pub(super) fn isolation(
        &mut self,
        agent: &str,
        choice: PolicyChoice<'_>,
    ) -> Result<Option<PolicyUse<Isolation>>, LoadError> {
        self.linked.chosen(&mut self.isolation, agent, choice)
    }

    /// The degradation policy that is named for an agent, if one is.
    pub(super) fn degradation(
        &mut self,
        agent: &str,
        choice: PolicyChoice<'_>,
    ) -> Result<Option<PolicyUse<Degradation>>, LoadError> {
        self.linked.chosen(&mut self.degradation, agent, choice)
    }
}

impl<'a> Linked<'a> {
    pub(super) fn new(engine: &'a Engine) -> Result<Self, LoadError> {
        let linker = sandbox::policy_linker(engine.wasmtime());
        let linker = linker.map_err(|error| LoadError::Host(format!("{error:#}")))?;
        Ok(Self { engine, linker })
    }

    /// The policy that is named for an agent or an upstream, if one is.
    fn chosen<K: PolicyKind>(
        &self,
        loaded: &mut Loaded<K>,
        of: &str,
        (component, settings): PolicyChoice<'_>,
    ) -> Result<Option<PolicyUse<K>>, LoadError> {
        let policy = component.map(|path| self.once(loaded, of, path));
        Ok(policy.transpose()?.map(|policy| PolicyUse::new(policy, settings)))
    }

    /// The policy of a file, which is read if it is not among the loaded ones.
    fn once<K: PolicyKind>(
        &self,
        loaded: &mut Loaded<K>,
        agent: &str,
        path: PathBuf,
    ) -> Result<Arc<Policy<K>>, LoadError> {
        if let Some(policy) = loaded.get(&path) {
            return Ok(policy.clone());
        }
        let policy = self.load(agent, &path)?;
        loaded.insert(path, policy.clone());
        Ok(policy)
    }

    /// The policy of a file, for an agent, or for nobody in particular.
    pub(super) fn load<K: PolicyKind>(&self, agent: &str, path: &Path) -> Result<Arc<Policy<K>>, LoadError> {
        let bytes = read(self.engine, agent, path)?;
        let component = self.engine.component(&path.display().to_string(), &bytes);
        let pre = component.and_then(|component| self.prepare::<K>(&component));
        Ok(Arc::new(Policy {
            name: path.display().to_string().into(),
            digest: Digest::of(&bytes),
            pre: pre.map_err(|fault| unusable(agent, path, fault))?,
        }))
    }

    /// Links a component.
    pub(super) fn prepare<K: PolicyKind>(&self, component: &Component) -> Result<K::Pre, PluginFault> {
        Surface::of(component).check_policy::<K>()?;
        let pre = self.linker.instantiate_pre(component).and_then(K::prepare);
        pre.map_err(|error| PluginFault::other_contract("fusebox:policy@0.1.0", &error))
    }
}
