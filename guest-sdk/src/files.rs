//! Files in the folders that the operator granted, and in no others.
//!
//! ```
#![doc = include_str!("../examples/gather.rs")]
//! ```
//!
//! A path begins with the name of a granted folder (`mount` in the
//! configuration), `/data/in.csv` for example. What is in none of them is not
//! there for a plugin; the report then names the grant that is missing. A
//! scratch folder, if there is one, is the attempt's own and gone when it ends.
//!
//! A plugin for the target `wasm32-wasip2` can use `std::fs` as well. Only a
//! plugin that calls something here imports `wasi:filesystem`.

mod error;
mod folder;

use crate::bindings::wasi::filesystem::types::{Descriptor, DescriptorFlags, DescriptorType, OpenFlags};
use crate::bindings::wasi::io::streams::StreamError;
pub use error::FileError;
use folder::{Place, place};

/// How much is read at once.
const PIECE_BYTES: usize = 64 << 10;
/// What `blocking-write-and-flush` takes at most, by its contract.
const WRITE_BYTES: usize = 4096;

/// What is in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name there.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// All bytes of a file.
///
/// # Errors
/// If it is not there, no file, or not granted.
pub fn read(path: &str) -> Result<Vec<u8>, FileError> {
    let file = open(path, OpenFlags::empty(), DescriptorFlags::READ)?;
    let mut bytes = Vec::new();
    loop {
        let (piece, ended) = file
            .read(PIECE_BYTES as u64, bytes.len() as u64)
            .map_err(|code| FileError::new(path, code))?;
        bytes.extend_from_slice(&piece);
        if ended {
            return Ok(bytes);
        }
    }
}

/// All of a file, as text.
///
/// # Errors
/// As for [`read`], and if it is no UTF-8.
pub fn read_to_string(path: &str) -> Result<String, FileError> {
    String::from_utf8(read(path)?).map_err(|_| FileError::not_text(path))
}

/// Writes a file, in the place of one that has its name. It is written under
/// another name first (`<path>.<number>.new`) and is there as a whole, or what was
/// there before is: also if there is no more room, or the attempt is ended.
///
/// # Errors
/// If it cannot be made or written.
pub fn write(path: &str, bytes: impl AsRef<[u8]>) -> Result<(), FileError> {
    let (draft, file) = draft(path)?;
    let written = pour(path, &file, bytes.as_ref()).and_then(|()| rename(&draft, path));
    if written.is_err() {
        // What matters is why it was not written.
        let _ = remove_file(&draft);
    }
    written.map_err(|error| error.of(path))
}

/// Writes behind what is in a file, which is made if it is not there.
///
/// # Errors
/// As for [`write()`].
pub fn append(path: &str, bytes: impl AsRef<[u8]>) -> Result<(), FileError> {
    pour(
        path,
        &open(path, OpenFlags::CREATE, DescriptorFlags::WRITE)?,
        bytes.as_ref(),
    )
}

/// What is in a folder, in the order of names.
///
/// # Errors
/// If it is not there, no folder, or not granted.
pub fn list(path: &str) -> Result<Vec<Entry>, FileError> {
    let failed = |code| FileError::new(path, code);
    let folder = open(path, OpenFlags::DIRECTORY, DescriptorFlags::READ)?;
    let entries = folder.read_directory().map_err(failed)?;
    let mut found = Vec::new();
    while let Some(entry) = entries.read_directory_entry().map_err(failed)? {
        found.push(Entry {
            name: entry.name,
            is_folder: entry.type_ == DescriptorType::Directory,
        });
    }
    found.sort();
    Ok(found)
}

/// Makes a folder.
///
/// # Errors
/// If it is there, or cannot be made.
pub fn make_folder(path: &str) -> Result<(), FileError> {
    at(path, |place| place.folder.create_directory_at(place.name))
}

/// Removes a file.
///
/// # Errors
/// If it is not there, or cannot be removed.
pub fn remove_file(path: &str) -> Result<(), FileError> {
    at(path, |place| place.folder.unlink_file_at(place.name))
}

/// Removes a folder that is empty.
///
/// # Errors
/// If it is not there, not empty, or cannot be removed.
pub fn remove_folder(path: &str) -> Result<(), FileError> {
    at(path, |place| place.folder.remove_directory_at(place.name))
}

/// Gives a file or a folder another name in the same granted folder, in the
/// place of a file that has it.
///
/// # Errors
/// If that does not work; from one granted folder to another it never does.
pub fn rename(from: &str, to: &str) -> Result<(), FileError> {
    at(from, |source| {
        let target = place(to)?;
        source.folder.rename_at(source.name, target.folder, target.name)
    })
}

type Code = crate::bindings::wasi::filesystem::types::ErrorCode;

fn at<T>(path: &str, act: impl FnOnce(Place<'_>) -> Result<T, Code>) -> Result<T, FileError> {
    place(path)
        .and_then(act)
        .map_err(|code| FileError::new(path, code))
}

fn open(path: &str, flags: OpenFlags, access: DescriptorFlags) -> Result<Descriptor, FileError> {
    use crate::bindings::wasi::filesystem::types::PathFlags;
    at(path, |place| {
        place
            .folder
            .open_at(PathFlags::SYMLINK_FOLLOW, place.name, flags, access)
    })
}

/// A new file beside another; attempts may write the same at the same time.
fn draft(path: &str) -> Result<(String, Descriptor), FileError> {
    let flags = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
    let mut number = 0;
    loop {
        let draft = format!("{path}.{number}.new");
        match open(&draft, flags, DescriptorFlags::WRITE) {
            Err(error) if error.code == "exist" => number += 1,
            opened => return opened.map(|file| (draft, file)).map_err(|error| error.of(path)),
        }
    }
}

/// Writes at the end of a file.
fn pour(path: &str, file: &Descriptor, bytes: &[u8]) -> Result<(), FileError> {
    let stream = file
        .append_via_stream()
        .map_err(|code| FileError::new(path, code))?;
    for piece in bytes.chunks(WRITE_BYTES) {
        stream
            .blocking_write_and_flush(piece)
            .map_err(|error| match error {
                StreamError::LastOperationFailed(error) => FileError::of_stream(path, &error),
                StreamError::Closed => FileError::new(path, Code::Io),
            })?;
    }
    Ok(())
}
