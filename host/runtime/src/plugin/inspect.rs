//! Everything that can be said of a plugin's file without running a task.

use std::path::Path;

use wasmtime::component::Component;

use super::descriptor::About;
use super::error::PluginError;
use super::file;
use super::loader::Loader;
use super::policy::PolicyLoader;
use super::world::Surface;
use crate::engine::{Engine, PluginFault};
use crate::sandbox::{Breaker, Degradation, Isolation, PolicyKind, Retry};
use fusebox_types::digest::Digest;

/// What a file is.
#[derive(Debug)]
pub struct Inspection {
    /// Its size in bytes.
    pub bytes: u64,
    /// The SHA-256 of its bytes.
    pub digest: Digest,
    /// What it imports.
    pub imports: Vec<String>,
    /// What it exports.
    pub exports: Vec<String>,
    /// What kind of plugin it is, or why it is none that this host runs.
    pub kind: Result<Kind, PluginFault>,
}

/// What kind of plugin a file is.
#[derive(Debug)]
pub enum Kind {
    /// An agent, and what it says of itself.
    Agent(Box<About>),
    /// A policy, and what it decides about: `retry`, `breaker`, `isolation` or
    /// `degradation`.
    Policy(&'static str),
}

/// Looks at a plugin's file.
///
/// # Errors
/// If the file cannot be read, or the host itself fails. That the file is no
/// plugin is not an error; it is what is found.
pub async fn inspect(engine: &Engine, path: &Path) -> Result<Inspection, PluginError> {
    let bytes = file::read_up_to(path, engine.loading().file)
        .map_err(|source| PluginError::unreadable(path, source))?;
    let mut found = Inspection {
        bytes: bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
        digest: Digest::of(bytes.as_deref().unwrap_or_default()),
        imports: Vec::new(),
        exports: Vec::new(),
        kind: Err(PluginFault::CoreModule),
    };
    found.kind = match bytes.and_then(|bytes| engine.component(&path.display().to_string(), &bytes)) {
        Err(fault) => Err(fault),
        Ok(component) => {
            let surface = Surface::of(&component);
            let kind = kind(engine, &component, &surface).await;
            (found.imports, found.exports) = (surface.imports, surface.exports);
            kind?
        }
    };
    Ok(found)
}

/// What a component is, by what it exports.
async fn kind(
    engine: &Engine,
    component: &Component,
    surface: &Surface,
) -> Result<Result<Kind, PluginFault>, PluginError> {
    for policy in [
        policy::<Retry>,
        policy::<Breaker>,
        policy::<Isolation>,
        policy::<Degradation>,
    ] {
        if let Some(kind) = policy(engine, component, surface)? {
            return Ok(kind);
        }
    }
    let agent = Loader::new(engine)?.prepare(component).await;
    Ok(agent.and_then(|(_, about)| Ok(Kind::Agent(Box::new(about?)))))
}

/// Whether a component that exports what a policy of a kind does is one; none
/// if it does not.
fn policy<K: PolicyKind>(
    engine: &Engine,
    component: &Component,
    surface: &Surface,
) -> Result<Option<Result<Kind, PluginFault>>, PluginError> {
    if !surface.is_policy::<K>() {
        return Ok(None);
    }
    let ready = PolicyLoader::new(engine)?.prepare::<K>(component);
    Ok(Some(ready.map(|_| Kind::Policy(K::NAME))))
}
