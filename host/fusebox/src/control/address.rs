//! A socket's address, however long the path of its folder is.
//!
//! The kernel holds 108 bytes of a socket's path (104 on macOS). A longer one
//! goes through a handle of the folder on Linux: `/proc/self/fd/<n>/<name>`
//! names the same place and is short.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use fusebox_system::regular_file::Folder;

/// The longest path of a socket on all systems, in bytes, with its end.
const LONGEST: usize = 104;

/// An address that is valid while this is held.
#[derive(Debug)]
pub(super) struct Address {
    path: PathBuf,
    /// The folder's handle, where the path goes through one.
    _folder: Option<Folder>,
}

impl Address {
    /// The address of a socket of this name in a folder.
    ///
    /// # Errors
    /// If the folder cannot be opened, or the path is too long for this system.
    pub(super) fn of(folder: &Path, name: &str) -> io::Result<Self> {
        let path = folder.join(name);
        if path.as_os_str().as_bytes().len() < LONGEST {
            return Ok(Self { path, _folder: None });
        }
        through_handle(folder, name)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(target_os = "linux")]
fn through_handle(folder: &Path, name: &str) -> io::Result<Address> {
    use std::os::fd::AsRawFd;
    let folder = Folder::open(folder)?;
    let path = Path::new("/proc/self/fd")
        .join(folder.as_raw_fd().to_string())
        .join(name);
    Ok(Address {
        path,
        _folder: Some(folder),
    })
}

#[cfg(not(target_os = "linux"))]
fn through_handle(_: &Path, name: &str) -> io::Result<Address> {
    let most = LONGEST - name.len() - 2;
    let message =
        format!("the path of the output directory has more than {most} bytes; choose a shorter one");
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}
