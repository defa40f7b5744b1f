//! A policy's file, of which it is not known yet what it decides about.

use std::path::Path;
use std::sync::Arc;

use super::error::PluginError;
use super::file::read;
use super::policy::{Policy, PolicyLoader};
use super::world::Surface;
use crate::engine::Engine;
use crate::sandbox::{Breaker, Degradation, Isolation, PolicyKind, Retry};

/// A policy that is ready to be tried.
#[derive(Debug, Clone)]
pub struct AnyPolicy(pub OfKind);

/// What it decides about.
#[derive(Debug, Clone)]
pub enum OfKind {
    /// Failed attempts.
    Retry(Arc<Policy<Retry>>),
    /// Circuit breakers.
    Breaker(Arc<Policy<Breaker>>),
    /// Instances.
    Isolation(Arc<Policy<Isolation>>),
    /// Tasks without a result.
    Degradation(Arc<Policy<Degradation>>),
}

impl AnyPolicy {
    /// Makes the policy of a file ready.
    ///
    /// # Errors
    /// If the file cannot be read, or is no policy that this host runs.
    pub fn load(engine: &Engine, path: &Path) -> Result<Self, PluginError> {
        let component = engine.component(&path.display().to_string(), &read(engine, path)?);
        let surface = Surface::of(&component.map_err(|fault| PluginError::unusable(path, fault))?);
        let linked = PolicyLoader::new(engine)?;
        Ok(Self(if surface.is_policy::<Breaker>() {
            OfKind::Breaker(linked.load(path)?)
        } else if surface.is_policy::<Isolation>() {
            OfKind::Isolation(linked.load(path)?)
        } else if surface.is_policy::<Degradation>() {
            OfKind::Degradation(linked.load(path)?)
        } else {
            OfKind::Retry(linked.load(path)?)
        }))
    }

    /// What it decides about: `retry`, `breaker`, `isolation` or `degradation`.
    pub fn kind(&self) -> &'static str {
        match &self.0 {
            OfKind::Retry(_) => Retry::NAME,
            OfKind::Breaker(_) => Breaker::NAME,
            OfKind::Isolation(_) => Isolation::NAME,
            OfKind::Degradation(_) => Degradation::NAME,
        }
    }

    /// Its name: the file.
    pub fn name(&self) -> &str {
        match &self.0 {
            OfKind::Retry(policy) => &policy.name,
            OfKind::Breaker(policy) => &policy.name,
            OfKind::Isolation(policy) => &policy.name,
            OfKind::Degradation(policy) => &policy.name,
        }
    }
}
