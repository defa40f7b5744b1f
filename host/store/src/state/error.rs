//! Why state cannot be read or changed.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why state cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// There is no home for it.
    #[error("there is no home folder for the state; set XDG_STATE_HOME or name a folder")]
    NoHome,
    /// Others can read or write it.
    #[error("the state {} is not its owner's alone (mode {mode:o}); run `chmod 700` on it", path.display())]
    Open {
        /// Which folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A file is not what was written.
    #[error("{} is damaged: {why}; move it away to begin anew without what it held", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A newer version of the program wrote a file.
    #[error("{} was written by a newer fusebox (format {found}); use that version, or move the file away", path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// The version of its format.
        found: u32,
    },
    /// Another host holds a table's lock for far longer than any change takes.
    #[error("{} has been locked by another process for {waited:?}; see whether a fusebox process is stopped", path.display())]
    Busy {
        /// The lock's file.
        path: PathBuf,
        /// How long it was waited for.
        waited: Duration,
    },
    /// A value is too large to be kept.
    #[error("a value of {bytes} bytes for `{}`, {limit} are the limit", key.escape_debug())]
    TooLarge {
        /// Its key.
        key: String,
        /// Its size.
        bytes: usize,
        /// The most that is kept.
        limit: usize,
    },
    /// Something could not be read or written.
    #[error("cannot use the state in {}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl StateError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn damaged(path: &Path, why: impl ToString) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            why: why.to_string(),
        }
    }
}
