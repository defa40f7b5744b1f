//! Policies: components that decide, checked and ready to be asked.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};
use wasmtime::component::{Component, Linker};

use super::load_error::LoadError;
use super::registry;
use super::world::Surface;
use crate::bindings::policy::RetryPolicyPre;
use crate::digest::Digest;
use crate::engine::{Engine, PluginFault};
use crate::sandbox::{self, PolicyState, RetryPre};

/// A retry policy that is ready to be asked.
pub struct Policy {
    /// Its name: the file, as the configuration names it.
    pub name: Arc<str>,
    /// Its bytes, told apart from others.
    pub digest: Digest,
    pub(crate) pre: RetryPre,
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policy")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Policy {
    /// Makes the policy of a file ready.
    pub(crate) fn load(engine: &Engine, path: &Path) -> Result<Self, LoadError> {
        let bytes = registry::read("", path)?;
        let loader = PolicyLoader::new(engine).map_err(|error| LoadError::Host(format!("{error:#}")))?;
        let policy = loader.load(path, Digest::of(&bytes), &bytes);
        policy.map_err(|fault| registry::unusable("", path, fault))
    }
}

/// A policy and what it is told.
#[derive(Debug, Clone)]
pub(crate) struct PolicyUse {
    pub(crate) policy: Arc<Policy>,
    /// Its settings, as JSON.
    pub(crate) settings: Arc<str>,
}

impl PolicyUse {
    pub(crate) fn new(policy: Arc<Policy>, settings: &Map<String, Value>) -> Self {
        Self {
            policy,
            settings: Value::Object(settings.clone()).to_string().into(),
        }
    }
}

/// Turns files into policies.
pub(super) struct PolicyLoader<'a> {
    engine: &'a Engine,
    linker: Linker<PolicyState>,
}

impl<'a> PolicyLoader<'a> {
    pub(super) fn new(engine: &'a Engine) -> wasmtime::Result<Self> {
        let linker = sandbox::policy_linker(engine.wasmtime())?;
        Ok(Self { engine, linker })
    }

    /// A policy from the bytes of its file.
    pub(super) fn load(&self, path: &Path, digest: Digest, bytes: &[u8]) -> Result<Policy, PluginFault> {
        Ok(Policy {
            name: path.display().to_string().into(),
            digest,
            pre: self.prepare(&self.engine.component(bytes)?)?,
        })
    }

    /// Links a component.
    pub(super) fn prepare(&self, component: &Component) -> Result<RetryPre, PluginFault> {
        Surface::of(component).check_retry_policy()?;
        let mistyped = |error: wasmtime::Error| PluginFault::WrongWorld {
            missing: "fusebox:policy/retry@0.1.0 with the function and types of the contract".into(),
            found: format!("{error:#}"),
        };
        let pre = self.linker.instantiate_pre(component).map_err(mistyped)?;
        RetryPolicyPre::new(pre).map_err(mistyped)
    }
}
