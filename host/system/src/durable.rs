//! Putting files on the disk so that a crash leaves the old or the new, never
//! a part.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::regular_file::Folder;

/// Puts a whole file in the place of another, or where none was, and returns
/// once it is on the disk. Readers see the old or the new.
///
/// The new bytes are gathered in `draft`, in the same folder. The caller keeps
/// others from using that name meanwhile; what a crash left there is written
/// over.
///
/// # Errors
/// If something cannot be written. The old file is as it was then, unless the
/// error came from the last step, the sync of the folder.
pub fn replace(folder: &Path, draft: &str, name: &str, parts: &[&[u8]]) -> io::Result<()> {
    replace_with(folder, draft, name, |file| {
        parts.iter().try_for_each(|part| file.write_all(part))
    })
}

/// The same with bytes that are written as they come.
///
/// # Errors
/// As for [`replace`].
pub fn replace_with(
    folder: &Path,
    draft: &str,
    name: &str,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    put(folder, draft, name, |mut file| {
        write(&mut file)?;
        file.sync_all()
    })?;
    sync_folder(folder)
}

/// The same without a wait for the disk: readers see the old or the new, but a
/// power cut may leave a part. For what is checked when it is read, and is no
/// loss.
///
/// # Errors
/// If something cannot be written. The old file is as it was then.
pub fn place(folder: &Path, draft: &str, name: &str, parts: &[&[u8]]) -> io::Result<()> {
    put(folder, draft, name, |mut file| {
        parts.iter().try_for_each(|part| file.write_all(part))
    })
}

fn put(folder: &Path, draft: &str, name: &str, write: impl FnOnce(File) -> io::Result<()>) -> io::Result<()> {
    let folder = Folder::open(folder)?;
    // Nothing that stands there already is written to.
    let written = folder.make(draft).and_then(write);
    let written = written.and_then(|()| folder.rename(draft, name));
    if written.is_err() {
        // A full disk is not made fuller.
        let _ = folder.remove(draft);
    }
    written
}

/// A new name is on the disk once its folder is, on systems that can say so.
///
/// # Errors
/// If the folder cannot be opened or synced.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    sync(&Folder::open(folder)?)
}

/// The same of a folder that is open.
///
/// # Errors
/// If it cannot be synced.
pub fn sync(folder: &Folder) -> io::Result<()> {
    match folder.sync() {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        done => done,
    }
}

/// Whether something could not be written because there is no room for it.
pub fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
