//! A folder that was granted, open.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use cap_std::ambient_authority;
use wasmtime_wasi::filesystem::{Dir, FsPerms, OpenMode};

use super::open;
use super::room::Room;
use crate::config::FileGrant;

/// A folder, by the name that the guest knows it as.
#[derive(Debug)]
pub(crate) struct Mount {
    pub(super) at: String,
    pub(super) dir: Arc<File>,
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

    pub(super) fn new(path: &Path, at: &str, room: Option<Room>) -> io::Result<Self> {
        let dir = cap_std::fs::Dir::open_ambient_dir(path, ambient_authority())?.into_std_file();
        if open::is_made_up(&dir)? {
            return Err(io::Error::other(
                "it is no folder of files, but one of the system's own",
            ));
        }
        Ok(Self {
            at: at.to_owned(),
            dir: Arc::new(dir),
            room: room.map(Arc::new),
        })
    }

    pub(super) fn perms(&self) -> FsPerms {
        match self.room {
            Some(_) => FsPerms::ReadWrite,
            None => FsPerms::ReadOnly,
        }
    }

    /// A handle to the folder itself.
    pub(super) fn handle(&self) -> io::Result<Dir> {
        let mode = match self.room {
            Some(_) => OpenMode::READ | OpenMode::WRITE,
            None => OpenMode::READ,
        };
        Ok(Dir::new(self.dir.try_clone()?, self.perms(), mode, false))
    }
}
