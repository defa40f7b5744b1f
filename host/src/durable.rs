//! Putting files on the disk so that a crash leaves the old or the new, never
//! a part.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

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
pub(crate) fn replace(folder: &Path, draft: &str, name: &str, parts: &[&[u8]]) -> io::Result<()> {
    let draft = folder.join(draft);
    let written = write_synced(&draft, parts).and_then(|()| fs::rename(&draft, folder.join(name)));
    if written.is_err() {
        // A full disk is not made fuller.
        let _ = fs::remove_file(&draft);
    }
    written?;
    sync_folder(folder)
}

fn write_synced(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut file = File::create(path)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// A new name is on the disk once its folder is, on systems that can say so.
///
/// # Errors
/// If the folder cannot be opened or synced.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
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
