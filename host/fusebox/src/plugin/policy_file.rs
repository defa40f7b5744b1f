//! A policy's file, of which it is not known yet what it decides about.

use std::path::Path;
use std::sync::Arc;

use super::load_error::LoadError;
use super::policy::{self, Linked};
use super::registry::{read, unusable};
use super::world::Surface;
use crate::engine::Engine;
use crate::sandbox::{Breaker, Degradation, Isolation, PolicyKind, Retry};

/// A policy that is ready to be tried.
#[derive(Debug, Clone)]
pub struct Policy(pub(crate) OfKind);

/// What it decides about.
#[derive(Debug, Clone)]
pub(crate) enum OfKind {
    Retry(Arc<policy::Policy<Retry>>),
    Breaker(Arc<policy::Policy<Breaker>>),
    Isolation(Arc<policy::Policy<Isolation>>),
    Degradation(Arc<policy::Policy<Degradation>>),
}

impl Policy {
    /// Makes the policy of a file ready.
    pub(crate) fn load(engine: &Engine, path: &Path) -> Result<Self, LoadError> {
        let component = engine.component(&path.display().to_string(), &read(engine, "", path)?);
        let surface = Surface::of(&component.map_err(|fault| unusable("", path, fault))?);
        let linked = Linked::new(engine)?;
        Ok(Self(if surface.is_policy::<Breaker>() {
            OfKind::Breaker(linked.load("", path)?)
        } else if surface.is_policy::<Isolation>() {
            OfKind::Isolation(linked.load("", path)?)
        } else if surface.is_policy::<Degradation>() {
            OfKind::Degradation(linked.load("", path)?)
        } else {
            OfKind::Retry(linked.load("", path)?)
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
