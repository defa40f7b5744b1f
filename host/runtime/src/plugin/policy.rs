//! Policies: components that decide, checked and ready to be asked.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};
use wasmtime::component::{Component, Linker};

use super::error::PluginError;
use super::file::read;
use super::world::Surface;
use crate::engine::{Engine, PluginFault};
use crate::sandbox::{self, PolicyKind, PolicyState};
use fusebox_types::digest::Digest;

/// A policy of some kind that is ready to be asked.
pub struct Policy<K: PolicyKind> {
    /// Its name: the file, as the configuration names it.
    pub name: Arc<str>,
    /// Its bytes, told apart from others.
    pub digest: Digest,
    /// The component, linked.
    pub pre: K::Pre,
}

impl<K: PolicyKind> std::fmt::Debug for Policy<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} policy {}", K::NAME, self.name)
    }
}

/// A policy and what it is told.
#[derive(Debug)]
pub struct PolicyUse<K: PolicyKind> {
    /// The policy.
    pub policy: Arc<Policy<K>>,
    /// Its settings, as JSON.
    pub settings: Arc<str>,
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
    /// A policy with these settings.
    pub fn new(policy: Arc<Policy<K>>, settings: &Map<String, Value>) -> Self {
        Self {
            policy,
            settings: Value::Object(settings.clone()).to_string().into(),
        }
    }

    /// That the file has another content than before, if it has.
    pub fn change_since(&self, old: &Self) -> Option<String> {
        let (now, old) = (&self.policy, &old.policy);
        let changed = now.name == old.name && now.digest != old.digest;
        changed.then(|| format!("policy {}: its file has another content", now.name))
    }
}

/// Turns files into policies.
pub struct PolicyLoader<'a> {
    engine: &'a Engine,
    linker: Linker<PolicyState>,
}

impl<'a> PolicyLoader<'a> {
    /// For policies that this engine compiles.
    ///
    /// # Errors
    /// If the host's interfaces cannot be linked.
    pub fn new(engine: &'a Engine) -> Result<Self, PluginError> {
        let linker = sandbox::policy_linker(engine.wasmtime());
        let linker = linker.map_err(|error| PluginError::Host(format!("{error:#}")))?;
        Ok(Self { engine, linker })
    }

    /// The policy of a file.
    ///
    /// # Errors
    /// If the file cannot be read, or is no policy of this kind that this host runs.
    pub fn load<K: PolicyKind>(&self, path: &Path) -> Result<Arc<Policy<K>>, PluginError> {
        let bytes = read(self.engine, path)?;
        let component = self.engine.component(&path.display().to_string(), &bytes);
        let pre = component.and_then(|component| self.prepare::<K>(&component));
        Ok(Arc::new(Policy {
            name: path.display().to_string().into(),
            digest: Digest::of(&bytes),
            pre: pre.map_err(|fault| PluginError::unusable(path, fault))?,
        }))
    }

    /// Links a component.
    pub(super) fn prepare<K: PolicyKind>(&self, component: &Component) -> Result<K::Pre, PluginFault> {
        Surface::of(component).check_policy::<K>()?;
        let pre = self.linker.instantiate_pre(component).and_then(K::prepare);
        pre.map_err(|error| PluginFault::other_contract("fusebox:policy@0.1.0", &error))
    }
}
