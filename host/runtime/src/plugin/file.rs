//! A plugin's file, read up to the size that the host takes.

use std::io::Read;
use std::path::Path;

use super::error::PluginError;
use crate::engine::{Engine, Measure, PluginFault};

/// The bytes of a plugin's file.
///
/// # Errors
/// If it cannot be read, or is larger than the engine takes.
pub(super) fn read(engine: &Engine, path: &Path) -> Result<Vec<u8>, PluginError> {
    let bytes = read_up_to(path, engine.loading().file);
    let bytes = bytes.map_err(|source| PluginError::unreadable(path, source))?;
    bytes.map_err(|fault| PluginError::unusable(path, fault))
}

/// Reads a file up to a size. That it is larger is a fault of the plugin's.
pub(super) fn read_up_to(path: &Path, limit: u64) -> std::io::Result<Result<Vec<u8>, PluginFault>> {
    let file = fusebox_system::regular_file::open(path)?;
    let found = file.metadata()?.len();
    if found > limit {
        return Ok(Err(PluginFault::TooLarge {
            what: Measure::File,
            found,
            limit,
        }));
    }
    let mut bytes = Vec::new();
    // It may grow meanwhile; what is over the limit is refused by the engine.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Ok(bytes))
}
