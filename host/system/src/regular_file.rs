//! The one place that opens files: regular files only, without ever waiting,
//! and read up to a size that is stated. A pipe or a device in the place of one
//! would be waited for without end, and a sparse file is gigabytes of nothing.
//!
//! A file that a person names may be reached through a link of the person's
//! own. What the host itself names lies in a [`Folder`].
#![allow(clippy::disallowed_methods, reason = "everybody else opens files here")]

mod folder;
mod given;

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use cap_std::fs::Dir;
use rustix::fs::OFlags;

pub use folder::Folder;
pub use given::{read_given, speaks};

/// Opens a regular file for reading, without ever waiting.
///
/// # Errors
/// If it cannot be opened, or is something else.
pub fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(without_waiting())
        .open(path)?;
    checked(file)
}

/// The bytes of a regular file that has at most so many.
///
/// # Errors
/// If it cannot be read, is something else, or is larger.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    whole(open(path)?, most)
}

/// The same of a file that the host itself names: no link is followed.
///
/// # Errors
/// As for [`read`], and if it is a link.
pub fn read_own(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    whole(open_own(path)?, most)
}

/// Opens a file that the host itself names for reading: no link is followed.
///
/// # Errors
/// As for [`open`], and if it is a link.
pub fn open_own(path: &Path) -> io::Result<File> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or(io::ErrorKind::InvalidFilename)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    Folder::open(folder.unwrap_or(Path::new(".")))?.file(name)
}

/// All that there is to read, if it is at most so many bytes.
///
/// # Errors
/// If it cannot be read, or is larger.
pub fn up_to(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    read_into(from, most, Vec::new())
}

fn read_into(from: impl Read, most: u64, mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        length if length > most => Err(too_large(most)),
        _ => Ok(bytes),
    }
}

/// The same of a file. One that is too large is not read at all, and room is
/// made once.
fn whole(file: File, most: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    if length > most {
        return Err(too_large(most));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(length).unwrap_or(0))?;
    read_into(file, most, bytes)
}

fn too_large(most: u64) -> io::Error {
    io::Error::other(format!("it is larger than the {most} bytes that are read of it"))
}

/// The bytes of a regular file in a folder or below it, of at most so many. A
/// link is followed, but not out of the folder.
///
/// # Errors
/// If it cannot be read, is something else, is larger, or is not below.
pub fn read_below(folder: &Dir, path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut options = cap_std::fs::OpenOptions::new();
    cap_std::fs::OpenOptionsExt::custom_flags(options.read(true), without_waiting());
    whole(checked(folder.open_with(path, &options)?.into_std())?, most)
}

fn without_waiting() -> i32 {
    OFlags::NONBLOCK.bits().cast_signed()
}

fn no_file() -> io::Error {
    io::Error::other("it is no regular file")
}

fn checked(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(no_file())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        assert!(open(&pipe).unwrap_err().to_string().contains("no regular file"));
        std::fs::write(dir.path().join("file"), "x").unwrap();
        open(&dir.path().join("file")).unwrap();
        assert!(open(dir.path()).is_err());
    }

    #[test]
    fn a_file_is_read_up_to_its_bound() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        let error = read(&path, 4).unwrap_err();
        assert!(error.to_string().contains("4 bytes"), "{error}");
    }
}
