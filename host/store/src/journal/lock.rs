//! One process for each session's directory.

use std::fs::{File, TryLockError};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use super::error::JournalError;
use fusebox_system::regular_file::Folder;

/// The file that is locked. It stays when the lock goes: to remove it would let
/// two processes lock two files of the same name.
const FILE: &str = "journal.lock";

/// The most that stands in it, in bytes: the id of a process.
const SIGNED_BYTES: u64 = 32;

/// A session's directory, held by this process until this is dropped or the
/// process ends, however it ends.
#[derive(Debug)]
pub struct SessionLock {
    file: File,
    session: PathBuf,
}

impl SessionLock {
    /// Takes the lock, without waiting.
    ///
    /// # Errors
    /// If another process has it, or the file cannot be written, or the file
    /// system has no locks: two hosts on one journal would destroy it.
    pub fn take(session: &Path) -> Result<Self, JournalError> {
        let path = session.join(FILE);
        let io = |source| JournalError::Io {
            path: path.clone(),
            source,
        };
        let file = Folder::open(session)
            .and_then(|folder| folder.change(FILE))
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy(session)),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let session = session.to_owned();
        let mut lock = Self { file, session };
        lock.sign().map_err(io)?;
        Ok(lock)
    }

    /// The directory.
    pub fn session(&self) -> &Path {
        &self.session
    }

    /// Whether nobody has the lock. Changes nothing.
    ///
    /// # Errors
    /// If another process has it.
    pub fn check(session: &Path) -> Result<(), JournalError> {
        let file = Folder::open(session).and_then(|folder| folder.file(FILE));
        let held = file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)));
        if held { Err(busy(session)) } else { Ok(()) }
    }

    /// Writes down who has it, for whoever is refused. It is no part of the
    /// lock: what a process that is gone has left here is never looked at.
    fn sign(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        writeln!(self.file, "{}", std::process::id())
    }
}

/// Given back in so many words: a child that another thread is about to start
/// has the file open too, for a moment.
impl Drop for SessionLock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

fn busy(session: &Path) -> JournalError {
    let said = Folder::open(session).and_then(|folder| folder.read(FILE, SIGNED_BYTES));
    let said = said.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let holder = said.and_then(|text| text.trim().parse().ok());
    JournalError::Busy {
        path: session.to_owned(),
        holder,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_told_who_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let first = SessionLock::take(dir.path()).unwrap();
        let refused = SessionLock::take(dir.path()).unwrap_err();
        let own = std::process::id();
        assert!(matches!(refused, JournalError::Busy { holder, .. } if holder == Some(own)));
        assert!(refused.to_string().contains(&format!("(pid {own})")));
        assert!(SessionLock::check(dir.path()).is_err());
        drop(first);
        SessionLock::check(dir.path()).unwrap();
        SessionLock::take(dir.path()).unwrap();
    }
}
