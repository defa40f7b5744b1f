//! What outlives a session: how much of quotas is used up, breakers that are not
//! closed, instances that are out of their pools, last good outputs. Several
//! hosts share it at the same time.
//!
//! All times in it are by one timeline, which is not that of the clock on the
//! wall: that can be set.
//!
//! A folder for each table, in it a file for each key. A change is made under
//! the table's lock, which holds between threads and between processes, and
//! puts a whole new file in the place of the old: a host that is killed leaves
//! one or the other. A file that is damaged concerns its key alone, and is
//! refused by name, never silently begun anew: a quota that nobody remembers
//! is a quota that is overdrawn.

mod entry;
mod error;
mod identity;
mod last_good;
mod location;
mod lock;
mod name;
mod rules;
mod state_store;
mod table;
mod timeline;

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

pub use error::StateError;
pub use identity::Identity;
pub use last_good::{LastGood, Recalled};
pub use location::default_dir;
pub use rules::{CachedRules, StateRules};
pub use state_store::{SavedBreaker, StateStore};
pub use table::{CIRCUITS, QUARANTINES, QUOTAS, Table};
pub use timeline::Timeline;

/// The state of a user's sessions, on disk. Its calls block, on the disk and on
/// the locks of other hosts: not for a thread that guests run on.
#[derive(Debug, Clone)]
pub struct State {
    dir: PathBuf,
    time: Timeline,
}

impl State {
    /// Opens the state in a directory, which is made if it is not there, for
    /// its owner alone.
    ///
    /// # Errors
    /// If it cannot be made, or others can enter it.
    pub fn open(dir: &Path) -> Result<Self, StateError> {
        make(dir)?;
        let meta = fs::metadata(dir).map_err(|source| StateError::io(dir, source))?;
        if meta.mode() & 0o077 != 0 {
            return Err(StateError::Open {
                path: dir.to_owned(),
                mode: meta.mode() & 0o7777,
            });
        }
        let state = Self {
            dir: dir.to_owned(),
            time: Timeline::own(),
        };
        let time = state.timeline();
        Ok(Self { time, ..state })
    }

    /// The time that it goes by.
    pub fn time(&self) -> Timeline {
        self.time
    }

    /// The folder of a table; made if it is not there.
    fn folder(&self, table: &str) -> Result<PathBuf, StateError> {
        let folder = self.dir.join(table);
        make(&folder)?;
        Ok(folder)
    }
}

fn make(dir: &Path) -> Result<(), StateError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|source| StateError::io(dir, source))
}

#[cfg(test)]
mod processes;
#[cfg(test)]
mod tests;
