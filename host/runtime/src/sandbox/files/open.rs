//! Opening a regular file or a folder below a folder, and nothing else, without
//! ever waiting.
//!
//! What has the name is looked at before it is opened: to open a pipe wakes
//! whoever waits at its other end, and to open a device may do anything. What
//! takes its place meanwhile is opened without waiting, looked at again, and
//! closed.
#![allow(clippy::disallowed_methods, reason = "guests open files here")]

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use cap_std::fs::{Dir, Metadata, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;
use rustix::io::Errno;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorFlags, ErrorCode, OpenFlags, PathFlags};

use super::room::{Full, Room};

/// How something is to be opened.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wish {
    pub(super) follow: bool,
    pub(super) read: bool,
    pub(super) write: bool,
    pub(super) create: bool,
    pub(super) exclusive: bool,
    pub(super) truncate: bool,
    pub(super) folder: bool,
}

impl Wish {
    /// How a guest asks for it.
    ///
    /// # Errors
    /// If the host cannot promise it, or it makes no sense.
    pub(super) fn of(path_flags: PathFlags, open_flags: OpenFlags, flags: DescriptorFlags) -> FsResult<Self> {
        let synchronous = DescriptorFlags::FILE_INTEGRITY_SYNC
            | DescriptorFlags::DATA_INTEGRITY_SYNC
            | DescriptorFlags::REQUESTED_WRITE_SYNC;
        if flags.intersects(synchronous) {
            return Err(ErrorCode::Unsupported.into());
        }
        let makes = OpenFlags::CREATE | OpenFlags::EXCLUSIVE | OpenFlags::TRUNCATE;
        if open_flags.contains(OpenFlags::DIRECTORY) && open_flags.intersects(makes) {
            return Err(ErrorCode::Invalid.into());
        }
        let write = flags.contains(DescriptorFlags::WRITE);
        Ok(Self {
            follow: path_flags.contains(PathFlags::SYMLINK_FOLLOW),
            read: flags.contains(DescriptorFlags::READ) || !write,
            write,
            create: open_flags.contains(OpenFlags::CREATE),
            exclusive: open_flags.contains(OpenFlags::EXCLUSIVE),
            truncate: open_flags.contains(OpenFlags::TRUNCATE),
            folder: open_flags.contains(OpenFlags::DIRECTORY),
        })
    }

    /// Whether something may be changed through it.
    pub(super) fn changes(self) -> bool {
        self.write || self.create || self.truncate
    }
}

/// What was opened.
#[derive(Debug)]
pub(super) enum Opened {
    File(File),
    Folder(File),
}

/// Why nothing was.
#[derive(Debug)]
pub(super) enum NotOpened {
    /// The system says so.
    Io(io::Error),
    /// It is neither a regular file nor a folder.
    NoFile,
    /// It has other names as well, and would be changed under those too.
    Linked,
    /// There is no room for one more file.
    Full(Full),
}

impl From<io::Error> for NotOpened {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Errno> for NotOpened {
    fn from(error: Errno) -> Self {
        Self::Io(error.into())
    }
}

/// How often it is looked again for what somebody else makes and removes.
const LOOKS: usize = 8;

/// Opens what has a name, or makes a file.
pub(super) fn open(dir: &File, path: &str, wish: Wish, room: Option<&Room>) -> Result<Opened, NotOpened> {
    let dir = Dir::from_std_file(dir.try_clone()?);
    for _ in 0..LOOKS {
        let found = match wish.follow {
            true => dir.metadata(path),
            false => dir.symlink_metadata(path),
        };
        match found {
            Ok(_) if wish.exclusive && wish.create => return Err(Errno::EXIST.into()),
            Ok(found) => return there(&dir, path, wish, &found),
            Err(error) if error.kind() == io::ErrorKind::NotFound && wish.create => {}
            Err(error) => return Err(error.into()),
        }
        if lies_in_made_up(&dir, path)? {
            return Err(NotOpened::NoFile);
        }
        room.map_or(Ok(()), Room::make).map_err(NotOpened::Full)?;
        match dir.open_with(path, options(wish).create_new(true)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return Ok(Opened::File(made?.into_std())),
        }
    }
    // A link to nothing: what it leads to is not made.
    Err(Errno::NOENT.into())
}

/// Whether the folder that a path names something in is one that the system makes
/// up: one may be mounted below a folder of files.
pub(super) fn lies_in_made_up(dir: &Dir, path: &str) -> io::Result<bool> {
    let folder = Path::new(path)
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    is_made_up(&dir.open_dir(folder.unwrap_or(Path::new(".")))?.into_std_file())
}

/// Whether a file is to be found under other names as well.
pub(super) fn has_other_names(file: &File) -> io::Result<bool> {
    Ok(file.metadata()?.nlink() > 1)
}

/// Opens what is there.
fn there(dir: &Dir, path: &str, wish: Wish, found: &Metadata) -> Result<Opened, NotOpened> {
    if found.is_symlink() {
        return Err(Errno::LOOP.into());
    }
    if found.is_dir() && wish.changes() {
        return Err(Errno::ISDIR.into());
    }
    if !found.is_dir() && wish.folder {
        return Err(Errno::NOTDIR.into());
    }
    if !found.is_dir() && !found.is_file() {
        return Err(NotOpened::NoFile);
    }
    let file = dir.open_with(path, &options(wish))?.into_std();
    let opened = file.metadata()?;
    if !(opened.is_file() || opened.is_dir()) || is_made_up(&file)? {
        return Err(NotOpened::NoFile);
    }
    if opened.is_dir() {
        return Ok(Opened::Folder(file));
    }
    if wish.changes() && opened.nlink() > 1 {
        return Err(NotOpened::Linked);
    }
    if wish.truncate {
        file.set_len(0)?;
    }
    Ok(Opened::File(file))
}

fn options(wish: Wish) -> OpenOptions {
    let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    if !wish.follow {
        flags |= OFlags::NOFOLLOW;
    }
    let mut options = OpenOptions::new();
    options
        .read(wish.read)
        .write(wish.changes())
        .custom_flags(flags.bits().cast_signed());
    options
}

/// File systems of Linux whose files the kernel makes up, by the numbers of its
/// `linux/magic.h`: what they hold is no data but the machine itself, such as
/// the host's own environment below `/proc`.
const MADE_UP: [u32; 19] = [
    0x0000_9fa0, // proc
    0x6265_6572, // sysfs
    0x6462_6720, // debugfs
    0x7472_6163, // tracefs
    0x7363_6673, // securityfs
    0x0027_e0eb, // cgroup
    0x6367_7270, // cgroup2
    0xcafe_4a11, // bpf
    0x6265_6570, // configfs
    0xde5e_81e4, // efivarfs
    0xf97c_ff8c, // selinux
    0x4341_5d53, // smack
    0x0000_1cd1, // devpts
    0x6165_676c, // pstore
    0x4249_4e4d, // binfmt_misc
    0x6e73_6673, // nsfs
    0x0765_5821, // resctrl
    0x1980_0202, // mqueue
    0x6573_5543, // fusectl
];

/// Whether the system makes a file up.
pub(super) fn is_made_up(file: &File) -> io::Result<bool> {
    let kind = rustix::fs::fstatfs(file)?.f_type;
    // The type is wider than the number on most machines, and signed.
    #[allow(clippy::useless_conversion, reason = "it is another type on other machines")]
    let [a, b, c, d, ..] = i64::from(kind).to_le_bytes();
    Ok(MADE_UP.contains(&u32::from_le_bytes([a, b, c, d])))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const READ: Wish = Wish {
        follow: true,
        read: true,
        write: false,
        create: false,
        exclusive: false,
        truncate: false,
        folder: false,
    };

    fn refused(dir: &File, path: &str, wish: Wish) -> NotOpened {
        open(dir, path, wish, None).expect_err(path)
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let base = tempfile::tempdir().unwrap();
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, base.path().join("pipe"), fifo, 0o600.into(), 0).unwrap();
        symlink("pipe", base.path().join("to-pipe")).unwrap();
        let dir = File::open(base.path()).unwrap();
        let write = Wish { write: true, ..READ };
        let create = Wish {
            create: true,
            truncate: true,
            ..write
        };
        for wish in [READ, write, create] {
            for path in ["pipe", "to-pipe"] {
                assert!(matches!(refused(&dir, path, wish), NotOpened::NoFile), "{path}");
            }
        }
        let system = File::open("/proc/self").unwrap();
        assert!(matches!(refused(&system, "environ", READ), NotOpened::NoFile));
    }

    #[test]
    fn what_has_another_name_is_read_and_not_changed() {
        let base = tempfile::tempdir().unwrap();
        std::fs::write(base.path().join("a"), "a").unwrap();
        std::fs::hard_link(base.path().join("a"), base.path().join("b")).unwrap();
        let dir = File::open(base.path()).unwrap();
        open(&dir, "b", READ, None).unwrap();
        for wish in [
            Wish { write: true, ..READ },
            Wish {
                truncate: true,
                create: true,
                ..READ
            },
        ] {
            assert!(matches!(refused(&dir, "b", wish), NotOpened::Linked));
        }
        assert_eq!(std::fs::read(base.path().join("a")).unwrap(), b"a");
    }

    #[test]
    fn a_link_to_nothing_is_not_made_into_something() {
        let base = tempfile::tempdir().unwrap();
        symlink("none", base.path().join("link")).unwrap();
        let dir = File::open(base.path()).unwrap();
        let create = Wish { create: true, ..READ };
        let NotOpened::Io(error) = refused(&dir, "link", create) else {
            panic!()
        };
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(!base.path().join("none").exists());
    }

    #[test]
    fn a_file_that_is_made_takes_room_and_one_that_is_there_takes_none() {
        let base = tempfile::tempdir().unwrap();
        let dir = File::open(base.path()).unwrap();
        let room = Room::new(0, 1);
        let create = Wish { create: true, ..READ };
        for _ in 0..2 {
            assert!(matches!(
                open(&dir, "a", create, Some(&room)),
                Ok(Opened::File(_))
            ));
        }
        let full = open(&dir, "b", create, Some(&room));
        assert!(matches!(full, Err(NotOpened::Full(Full::Files(1)))));
    }
}
