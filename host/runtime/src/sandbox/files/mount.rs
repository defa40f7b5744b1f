//! A folder that was granted, open.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use wasmtime_wasi::filesystem::{Dir, FsPerms, OpenMode};

use super::disk::ON_THIS_THREAD;
use super::open;
use super::room::Room;
use crate::sandbox::FileGrant;

/// A folder, by the name that the guest knows it as.
pub struct Mount {
    pub(super) at: String,
    path: PathBuf,
    pub(super) dir: Dir,
    /// Room for what is written; none if nothing may be.
    pub(super) room: Option<Arc<Room>>,
}

impl Mount {
    /// Opens what was granted.
    ///
    /// # Errors
    /// If it is no folder, cannot be opened, or is one of those that the system
    /// makes up of itself.
    pub(crate) fn open(grant: &FileGrant) -> io::Result<Self> {
        let room = grant.write.then(|| Room::new(grant.quota, grant.max_files));
        Self::new(&grant.path, &grant.mount, room)
    }

    /// Where it is, if it can be written to.
    pub(crate) fn writable(&self) -> Option<&Path> {
        self.room.as_ref().map(|_| &*self.path)
    }

    pub(super) fn new(path: &Path, at: &str, room: Option<Room>) -> io::Result<Self> {
        let dir = cap_std::fs::Dir::open_ambient_dir(path, ambient_authority())?.into_std_file();
        if open::is_made_up(&dir)? {
            return Err(io::Error::other(
                "it is no folder of files, but one of the system's own",
            ));
        }
        let (perms, mode) = match room {
            Some(_) => (FsPerms::ReadWrite, OpenMode::READ | OpenMode::WRITE),
            None => (FsPerms::ReadOnly, OpenMode::READ),
        };
        Ok(Self {
            at: at.to_owned(),
            path: path.to_owned(),
            dir: Dir::new(dir, perms, mode, ON_THIS_THREAD),
            room: room.map(Arc::new),
        })
    }
}

impl std::fmt::Debug for Mount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mount")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
