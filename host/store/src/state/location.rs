//! Where state is kept.

use std::path::PathBuf;

use super::error::StateError;

/// The user's directory for state: `$XDG_STATE_HOME/fusebox`, else
/// `~/.local/state/fusebox` (XDG Base Directory Specification 0.8).
///
/// # Errors
/// If there is no home.
pub fn default_dir() -> Result<PathBuf, StateError> {
    // A relative path is to be ignored, says the specification.
    let absolute = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .map(|base| base.join("fusebox"))
        .ok_or(StateError::NoHome)
}
