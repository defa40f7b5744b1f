//! Putting a board's new text in the place of the old.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::backup;
use crate::digest::Digest;
use crate::durable::sync_folder;
use crate::regular;

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
    let io = |source| SaveError::Io {
        path: path.to_owned(),
        source,
    };
    // What a link points to is replaced, and not the link.
    let target = path.canonicalize().map_err(io)?;
    let _lock = lock(&target)?;
    let old = unchanged(&target, read_digest)?;
    if Digest::of(text.as_bytes()) == read_digest {
        return Ok(None);
    }
    let permissions = fs::metadata(&target).map_err(io)?.permissions();
    if permissions.readonly() {
        return Err(SaveError::ReadOnly(target));
    }
    let new = draft(&target, text.as_bytes(), &permissions).map_err(io)?;
    let backup = keep(&target, &old, &permissions).map_err(io)?;
    replace(&target, read_digest, new, &backup)?;
    if !is_written(&target, text) {
        return Err(SaveError::Uncertain { path: target, backup });
    }
    // The board is saved; a backup too many does not change that.
    let _ = backup::prune(&target);
    Ok(Some(backup))
}

/// Puts the new file in the place of the old, if that is still what was read.
/// Otherwise nothing was replaced, and there is nothing that a backup is for.
fn replace(target: &Path, read_digest: Digest, new: NamedTempFile, backup: &Path) -> Result<(), SaveError> {
    let persist = |_| {
        new.persist(target).map_err(|failed| SaveError::Io {
            path: target.to_owned(),
            source: failed.error,
        })
    };
    let replaced = unchanged(target, read_digest).and_then(persist);
    if replaced.is_err() {
        let _ = fs::remove_file(backup);
    }
    replaced.map(drop)
}

/// Whether the new text is on the disk, and is what is read from now on.
fn is_written(target: &Path, text: &str) -> bool {
    let read_back = sync_folder(folder(target)).and_then(|()| regular::read(target, super::MAX_BYTES));
    read_back.is_ok_and(|bytes| bytes == text.as_bytes())
}

/// Keeps other runs of this host from saving the same board meanwhile. The lock
/// goes with the old file: who waits for the board finds a changed one.
fn lock(path: &Path) -> Result<File, SaveError> {
    let io = |source| SaveError::Io {
        path: path.to_owned(),
        source,
    };
    let file = regular::open(path).map_err(io)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(SaveError::Busy(path.to_owned())),
        // Some network file systems have no locks; the comparison remains.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

/// The board's bytes, if they are still those that were read.
fn unchanged(path: &Path, read_digest: Digest) -> Result<Vec<u8>, SaveError> {
    let bytes = regular::read(path, super::MAX_BYTES).map_err(|source| SaveError::Io {
        path: path.to_owned(),
        source,
    })?;
    if Digest::of(&bytes) == read_digest {
        Ok(bytes)
    } else {
        Err(SaveError::Changed(path.to_owned()))
    }
}

/// A file of a name of its own beside the target, whole and on the disk. It
/// removes itself if it is not put in place.
fn draft(target: &Path, bytes: &[u8], permissions: &Permissions) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .prefix(".fusebox-")
        .tempfile_in(folder(target))?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(permissions.clone())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Makes a backup. A copy and no link: an editor that has the old file open
/// writes to that, and the backup is what was read.
fn keep(target: &Path, bytes: &[u8], permissions: &Permissions) -> io::Result<PathBuf> {
    let path = backup::path(target);
    draft(target, bytes, permissions)?
        .persist_noclobber(&path)
        .map_err(|failed| failed.error)?;
    sync_folder(folder(target))?;
    Ok(path)
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests;
