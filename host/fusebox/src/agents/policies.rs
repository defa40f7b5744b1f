//! The policies that a configuration names, each file loaded once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::load_error::LoadError;
use crate::config::PolicyChoice;
use fusebox_runtime::engine::Engine;
use fusebox_runtime::plugin::{Policy, PolicyLoader, PolicyUse};
use fusebox_runtime::sandbox::{Breaker, Degradation, Isolation, PolicyKind, Retry};

/// Turns files into policies; each file once.
pub(super) struct Policies<'a> {
    loader: PolicyLoader<'a>,
    pub(super) retry: Loaded<Retry>,
    pub(super) breaker: Loaded<Breaker>,
    pub(super) isolation: Loaded<Isolation>,
    pub(super) degradation: Loaded<Degradation>,
}

/// The policies of one kind, by their files.
pub(super) type Loaded<K> = BTreeMap<PathBuf, Arc<Policy<K>>>;

impl<'a> Policies<'a> {
    pub(super) fn new(engine: &'a Engine) -> Result<Self, LoadError> {
        Ok(Self {
            loader: PolicyLoader::new(engine).map_err(|error| LoadError::of_plugin("", error))?,
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
        chosen(&self.loader, &mut self.retry, agent, choice)
    }

    /// The breaker policy that is named for an agent or an upstream, if one is.
    pub(super) fn breaker(
        &mut self,
        of: &str,
        choice: PolicyChoice<'_>,
    ) -> Result<Option<PolicyUse<Breaker>>, LoadError> {
        chosen(&self.loader, &mut self.breaker, of, choice)
    }

    /// The isolation policy that is named for an agent, if one is.
    pub(super) fn isolation(
        &mut self,
        agent: &str,
        choice: PolicyChoice<'_>,
    ) -> Result<Option<PolicyUse<Isolation>>, LoadError> {
        chosen(&self.loader, &mut self.isolation, agent, choice)
    }

    /// The degradation policy that is named for an agent, if one is.
    pub(super) fn degradation(
        &mut self,
        agent: &str,
        choice: PolicyChoice<'_>,
    ) -> Result<Option<PolicyUse<Degradation>>, LoadError> {
        chosen(&self.loader, &mut self.degradation, agent, choice)
    }
}

/// The policy that is named for an agent or an upstream, if one is.
fn chosen<K: PolicyKind>(
    loader: &PolicyLoader<'_>,
    loaded: &mut Loaded<K>,
    of: &str,
    (component, settings): PolicyChoice<'_>,
) -> Result<Option<PolicyUse<K>>, LoadError> {
    let policy = component.map(|path| once(loader, loaded, of, path));
    Ok(policy.transpose()?.map(|policy| PolicyUse::new(policy, settings)))
}

/// The policy of a file, which is read if it is not among the loaded ones.
fn once<K: PolicyKind>(
    loader: &PolicyLoader<'_>,
    loaded: &mut Loaded<K>,
    agent: &str,
    path: PathBuf,
) -> Result<Arc<Policy<K>>, LoadError> {
    if let Some(policy) = loaded.get(&path) {
        return Ok(policy.clone());
    }
    let policy = loader
        .load(&path)
        .map_err(|error| LoadError::of_plugin(agent, error))?;
    loaded.insert(path, policy.clone());
    Ok(policy)
}
