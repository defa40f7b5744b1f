//! A table's lock, between threads and between processes.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::error::StateError;
use fusebox_system::regular_file::Folder;

/// The file in a table's folder that is locked; never removed.
const FILE: &str = "lock";
/// A change takes milliseconds. Whoever holds a lock for this long is stopped.
const PATIENCE: Duration = Duration::from_secs(10);
/// The first wait between two tries, and the longest.
const WAITS: (Duration, Duration) = (Duration::from_micros(50), Duration::from_millis(5));

/// The lock of a table. It is gone when this is dropped, or the process ends.
#[derive(Debug)]
pub(super) struct TableLock {
    _file: File,
}

impl TableLock {
    /// Takes the lock; waits while others have it.
    pub(super) fn take(folder: &Path) -> Result<Self, StateError> {
        let path = folder.join(FILE);
        let file = Folder::open(folder)
            .and_then(|folder| folder.change(FILE))
            .map_err(|source| StateError::io(&path, source))?;
        let started = Instant::now();
        let mut wait = WAITS.0;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(source)) => return Err(StateError::io(&path, source)),
                Err(TryLockError::WouldBlock) => {}
            }
            let waited = started.elapsed();
            if waited > PATIENCE {
                return Err(StateError::Busy { path, waited });
            }
            // Not the blocking lock: it would wait for a stopped process for
            // ever.
            std::thread::sleep(wait);
            wait = (wait * 2).min(WAITS.1);
        }
    }
}
