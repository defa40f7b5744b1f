//! A socket that is its owner's alone from the start.
//!
//! A socket gets its mode when it is bound, from the process's umask, which
//! belongs to every thread: changing it for a moment would change what the
//! others create meanwhile. Changing the socket's own mode afterwards leaves a
//! moment in which others can connect. So it is bound in a folder that only
//! its owner can enter, gets its mode there, and is then moved to its place,
//! over a socket that a dead session left.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use super::address::Address;

/// What a session's socket is called, in its output directory.
pub const SOCKET: &str = "control.sock";
/// What it is called until it is in its place.
const UNFINISHED: &str = "s";

/// A socket in its place; removed when this is dropped.
#[derive(Debug)]
pub(super) struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode: another that has taken the place is left alone.
    identity: (u64, u64),
}

impl Socket {
    /// A socket in this folder that only this user can open.
    ///
    /// # Errors
    /// If a live session listens there already, or it cannot be made.
    pub(super) fn bind(folder: &Path) -> io::Result<Self> {
        if connect(folder).is_ok() {
            let message = "another session listens there";
            return Err(io::Error::new(io::ErrorKind::AddrInUse, message));
        }
        let path = folder.join(SOCKET);
        let private = folder.join(format!(".control-{:08x}", getrandom::u32().unwrap_or(0)));
        DirBuilder::new().mode(0o700).create(&private)?;
        let made = make(&private, &path);
        let _ = fs::remove_file(private.join(UNFINISHED));
        let _ = fs::remove_dir(&private);
        let (listener, identity) = made?;
        Ok(Self {
            listener,
            path,
            identity,
        })
    }

    pub(super) fn listener(&self) -> &UnixListener {
        &self.listener
    }
}

fn make(private: &Path, path: &Path) -> io::Result<(UnixListener, (u64, u64))> {
    let listener = UnixListener::bind(Address::of(private, UNFINISHED)?.path())?;
    let unfinished = private.join(UNFINISHED);
    fs::set_permissions(&unfinished, Permissions::from_mode(0o600))?;
    let identity = identity(&unfinished)?;
    fs::rename(&unfinished, path)?;
    Ok((listener, identity))
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let meta = fs::symlink_metadata(path)?;
    Ok((meta.dev(), meta.ino()))
}

/// Connects to the session that writes to a folder.
///
/// # Errors
/// If none listens there.
pub(super) fn connect(folder: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(Address::of(folder, SOCKET)?.path())
}

impl Drop for Socket {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|found| found == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_its_owners_alone_and_goes_when_it_is_dropped() {
        let base = tempfile::tempdir().unwrap();
        let socket = Socket::bind(base.path()).unwrap();
        let mode = fs::metadata(base.path().join(SOCKET)).unwrap().mode();
        assert_eq!(mode & 0o7777, 0o600);
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 1);
        let error = Socket::bind(base.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        drop(socket);
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 0);
    }

    /// A process that is killed removes nothing.
    #[test]
    fn a_dead_sessions_socket_is_replaced_and_the_new_one_not_removed() {
        let base = tempfile::tempdir().unwrap();
        drop(UnixListener::bind(base.path().join(SOCKET)).unwrap());
        assert!(connect(base.path()).is_err());
        let first = Socket::bind(base.path()).unwrap();
        assert!(connect(base.path()).is_ok());
        // Somebody removes it, and another session begins.
        fs::remove_file(base.path().join(SOCKET)).unwrap();
        let _second = Socket::bind(base.path()).unwrap();
        drop(first);
        assert!(connect(base.path()).is_ok());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_long_path_is_no_hindrance() {
        let base = tempfile::tempdir().unwrap();
        let deep = base.path().join("d".repeat(100)).join("e".repeat(200));
        fs::create_dir_all(&deep).unwrap();
        let _socket = Socket::bind(&deep).unwrap();
        assert!(connect(&deep).is_ok() && deep.join(SOCKET).exists());
    }
}
