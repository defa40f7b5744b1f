//! Putting a board's new text in the place of the old.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Permissions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::backup;
use fusebox_system::durable::sync;
use fusebox_system::regular_file::Folder;
use fusebox_types::digest::Digest;

/// Why a board was not saved. But for [`SaveError::Uncertain`], it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It is not the file that was read.
    #[error("{} has changed since it was read; nothing was written", .0.display())]
    Changed(PathBuf),
    /// Somebody else holds its lock.
    #[error("{} is in use by another program; nothing was written", .0.display())]
    Busy(PathBuf),
    /// It may not be written to.
    #[error("{} is read-only; nothing was written", .0.display())]
    ReadOnly(PathBuf),
    /// Something could not be read or written.
    #[error("cannot save {}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It was replaced, but could not be shown to be what was written.
    #[error("{} was replaced, but it is not certain that it is what was written; what it was before is in {}",
        path.display(), backup.display())]
    Uncertain {
        /// The board.
        path: PathBuf,
        /// What it was before.
        backup: PathBuf,
    },
}

/// Saves a board over the one that was read, and gives the backup's path; none
/// if the text is the same and nothing had to be done.
///
/// Readers see the old board or the new one and never a part. The file is
/// compared with what was read again just before it is replaced; no system can
/// exclude a change in the instant between, but such a change would have been
/// made to the old file and not to half of the new.
///
/// # Errors
/// If the board has changed since, may not be written, or cannot be.
pub fn save(path: &Path, read_digest: Digest, text: &str) -> Result<Option<PathBuf>, SaveError> {
    let place = Place::of(path)?;
    let locked = place.lock()?;
    let old = place.unchanged(read_digest)?;
    if Digest::of(text.as_bytes()) == read_digest {
        return Ok(None);
    }
    let found = locked.metadata().map_err(|error| place.io(error))?;
    let permissions = found.permissions();
    if permissions.readonly() {
        return Err(SaveError::ReadOnly(place.path));
    }
    let new = Draft::make(&place.folder, text.as_bytes(), &permissions).map_err(|error| place.io(error))?;
    let backup = place.keep(&old, &permissions).map_err(|error| place.io(error))?;
    place.replace(read_digest, new, &backup)?;
    let kept = place.path.with_file_name(&backup);
    if !place.is_written(text) {
        return Err(SaveError::Uncertain {
            path: place.path,
            backup: kept,
        });
    }
    // The board is saved; a backup too many does not change that.
    let _ = backup::prune(&place.folder, &place.name);
    Ok(Some(kept))
}

/// Where a board is: by its folder's handle, so that whatever becomes of the names
/// on the way there, one folder is read and written.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    folder: Folder,
    name: OsString,
}

impl Place {
    /// What a link points to is replaced, and not the link.
    fn of(path: &Path) -> Result<Self, SaveError> {
        let io = |source| SaveError::Io {
            path: path.to_owned(),
            source,
        };
        let target = path.canonicalize().map_err(io)?;
        let parent = target.parent().unwrap_or(Path::new("/"));
        Ok(Self {
            folder: Folder::open(parent).map_err(io)?,
            name: target.file_name().unwrap_or_default().to_owned(),
            path: target,
        })
    }

    fn io(&self, source: io::Error) -> SaveError {
        SaveError::Io {
            path: self.path.clone(),
            source,
        }
    }

    /// Keeps other runs of this host from saving the same board meanwhile. The lock
    /// goes with the old file: who waits for the board finds a changed one.
    fn lock(&self) -> Result<File, SaveError> {
        let file = self.folder.file(&self.name).map_err(|error| self.io(error))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Err(SaveError::Busy(self.path.clone())),
            // Some network file systems have no locks; the comparison remains.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
        }
    }

    /// The board's bytes, if they are still those that were read.
    fn unchanged(&self, read_digest: Digest) -> Result<Vec<u8>, SaveError> {
        let bytes = self.folder.read(&self.name, super::MAX_BYTES);
        let bytes = bytes.map_err(|error| self.io(error))?;
        if Digest::of(&bytes) == read_digest {
            Ok(bytes)
        } else {
            Err(SaveError::Changed(self.path.clone()))
        }
    }

    /// Makes a backup. A copy and no link: an editor that has the old file open
    /// writes to that, and the backup is what was read.
    fn keep(&self, bytes: &[u8], permissions: &Permissions) -> io::Result<OsString> {
        let name = backup::name(&self.name);
        let draft = Draft::make(&self.folder, bytes, permissions)?;
        self.folder.name_first(&draft.name, &name)?;
        sync(&self.folder)?;
        Ok(name)
    }

    /// Puts the new file in the place of the old, if that is still what was read.
    /// Otherwise nothing was replaced, and there is nothing that a backup is for.
    fn replace(&self, read_digest: Digest, new: Draft<'_>, backup: &OsStr) -> Result<(), SaveError> {
        let put = |_| self.folder.rename(&new.name, &self.name);
        let replaced = self
            .unchanged(read_digest)
            .and_then(|old| put(old).map_err(|error| self.io(error)));
        if replaced.is_err() {
            let _ = self.folder.remove(backup);
        }
        replaced
    }

    /// Whether the new text is on the disk, and is what is read from now on.
    fn is_written(&self, text: &str) -> bool {
        let read = |()| self.folder.read(&self.name, super::MAX_BYTES);
        sync(&self.folder)
            .and_then(read)
            .is_ok_and(|bytes| bytes == text.as_bytes())
    }
}

/// A file of a name of its own beside the board, whole and on the disk. What is
/// still called so at the end is removed.
struct Draft<'f> {
    folder: &'f Folder,
    name: String,
}

impl<'f> Draft<'f> {
    fn make(folder: &'f Folder, bytes: &[u8], permissions: &Permissions) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let draft = Self {
            folder,
            name: format!(".fusebox-{}-{number}", std::process::id()),
        };
        // It is nobody else's to read before it has the board's permissions.
        let mut file = folder.make_private(&draft.name)?;
        file.write_all(bytes)?;
        file.set_permissions(permissions.clone())?;
        file.sync_all()?;
        Ok(draft)
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        let _ = self.folder.remove(&self.name);
    }
}

#[cfg(test)]
mod tests;
