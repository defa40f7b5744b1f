//! The configuration of a session that is kept in a directory.

use std::path::Path;

use crate::Sources;
use fusebox::archive::SessionArchive;
use fusebox::degradation::{Degradation, OpenError};

/// What is left of the session in a directory, under its own configuration if that
/// can still be read; else under the defaults.
///
/// # Errors
/// As [`Degradation::open`].
pub fn open_degradation(folder: &Path) -> Result<Degradation, OpenError> {
    let past = SessionArchive::open(folder)?;
    let started = past.started();
    let loaded = Sources::new(started.config.clone(), started.set.clone()).load();
    let config = loaded.map(|loaded| loaded.config).unwrap_or_default();
    Ok(Degradation::open(folder)?.configured(config))
}
