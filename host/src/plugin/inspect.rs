//! Everything that can be said of a plugin's file without running a task.

use std::path::Path;

use super::descriptor::About;
use super::load_error::LoadError;
use super::policy::Linked;
use super::registry::Loader;
use super::world::Surface;
use crate::digest::Digest;
use crate::engine::{Engine, PluginFault};
use crate::sandbox::{Breaker, PolicyKind, Retry};

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
    /// A policy, and what it decides about: `retry` or `breaker`.
    Policy(&'static str),
}

/// Looks at a plugin's file.
///
/// # Errors
/// If the file cannot be read, or the host itself fails. That the file is no
/// plugin is not an error; it is what is found.
pub async fn inspect(engine: &Engine, path: &Path) -> Result<Inspection, LoadError> {
    let bytes = super::read_file(path).map_err(|source| LoadError::Missing {
        agent: String::new(),
        path: path.to_owned(),
        source,
    })?;
    let mut found = Inspection {
        bytes: bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
        digest: Digest::of(bytes.as_deref().unwrap_or_default()),
        imports: Vec::new(),
        exports: Vec::new(),
        kind: Err(PluginFault::CoreModule),
    };
    found.kind = match bytes.and_then(|bytes| engine.component(&bytes)) {
        Err(fault) => Err(fault),
        Ok(component) => {
            let surface = Surface::of(&component);
            let (is_retry, is_breaker) = (surface.is_policy::<Retry>(), surface.is_policy::<Breaker>());
            (found.imports, found.exports) = (surface.imports, surface.exports);
            if is_retry {
                let retry = Linked::new(engine)?.prepare::<Retry>(&component);
                retry.map(|_| Kind::Policy(Retry::NAME))
            } else if is_breaker {
                let breaker = Linked::new(engine)?.prepare::<Breaker>(&component);
                breaker.map(|_| Kind::Policy(Breaker::NAME))
            } else {
                let agent = Loader::new(engine)?.prepare(&component).await;
                agent.map(|(_, about)| Kind::Agent(Box::new(about)))
            }
        }
    };
    Ok(found)
}
