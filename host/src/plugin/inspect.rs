//! Everything that can be said of a plugin's file without running a task.

use std::path::Path;

use super::descriptor::About;
use super::registry::{LoadError, Loader};
use super::world::Surface;
use crate::digest::Digest;
use crate::engine::{Engine, PluginFault};

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
    /// What it says of itself, or why it is no plugin that this host runs.
    pub about: Result<About, PluginFault>,
}

/// Looks at a plugin's file.
///
/// # Errors
/// If the file cannot be read, or the host itself fails. That the file is no
/// plugin is not an error; it is what is found.
pub async fn inspect(engine: &Engine, path: &Path) -> Result<Inspection, LoadError> {
    let bytes = super::read_file(path).map_err(|source| LoadError::Missing {
        agent: "-".into(),
        path: path.to_owned(),
        source,
    })?;
    let mut found = Inspection {
        bytes: bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
        digest: Digest::of(bytes.as_deref().unwrap_or_default()),
        imports: Vec::new(),
        exports: Vec::new(),
        about: Err(PluginFault::CoreModule),
    };
    found.about = match bytes.and_then(|bytes| engine.component(&bytes)) {
        Err(fault) => Err(fault),
        Ok(component) => {
            let surface = Surface::of(&component);
            (found.imports, found.exports) = (surface.imports, surface.exports);
            Loader::new(engine)?
                .prepare(&component)
                .await
                .map(|(_, about)| about)
        }
    };
    Ok(found)
}
