//! A folder of the host's own files, which others may have touched: through a
//! handle, so that no name leads out of it, and following no link.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;

use super::{checked, whole};

/// A folder that is open. Names are those of files in it, or below.
#[derive(Debug)]
pub struct Folder(Dir);

impl Folder {
    /// Opens a folder. Its own path may have links in it: a person chose it.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        Dir::open_ambient_dir(path, ambient_authority()).map(Self)
    }

    /// Opens a file for reading.
    ///
    /// # Errors
    /// If it cannot be opened, or is no regular file.
    pub fn file(&self, name: impl AsRef<Path>) -> io::Result<File> {
        self.with(name, OpenOptions::new().read(true))
    }

    /// The bytes of a file that has at most so many.
    ///
    /// # Errors
    /// If it cannot be read, is no regular file, or is larger.
    pub fn read(&self, name: impl AsRef<Path>, most: u64) -> io::Result<Vec<u8>> {
        whole(self.file(name)?, most)
    }

    /// Makes a file that is not there yet; one that is there, whatever it is
    /// and wherever it leads, is taken away and not written to.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn make(&self, name: impl AsRef<Path>) -> io::Result<File> {
        self.remove(&name)?;
        self.with(name, OpenOptions::new().write(true).create_new(true))
    }

    /// The same with a file that nobody else may open.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn make_private(&self, name: impl AsRef<Path>) -> io::Result<File> {
        self.remove(&name)?;
        let mut options = OpenOptions::new();
        options.mode(0o600);
        self.with(name, options.write(true).create_new(true))
    }

    /// Opens a file to write in its place, and makes it if there is none.
    ///
    /// # Errors
    /// If it cannot be opened, is no regular file, or is somewhere else as well.
    pub fn change(&self, name: impl AsRef<Path>) -> io::Result<File> {
        let mut options = OpenOptions::new();
        self.with(name, options.read(true).write(true).create(true))
            .and_then(only_here)
    }

    /// Opens a file that is there to write behind what it holds.
    ///
    /// # Errors
    /// If it cannot be opened, is no regular file, or is somewhere else as well.
    pub fn extend(&self, name: impl AsRef<Path>) -> io::Result<File> {
        self.with(name, OpenOptions::new().read(true).append(true))
            .and_then(only_here)
    }

    /// Removes a file, or a link itself, if there is one.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(&self, name: impl AsRef<Path>) -> io::Result<()> {
        match self.0.remove_file(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// Gives a file another name, in the place of what has it.
    ///
    /// # Errors
    /// If that does not work.
    pub fn rename(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
        self.0.rename(from, &self.0, to)
    }

    /// The same, but not in the place of anything.
    ///
    /// # Errors
    /// If something has that name, or it does not work.
    pub fn name_first(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
        match self.0.hard_link(&from, &self.0, &to) {
            Ok(()) => self.remove(from),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            // Some file systems know one name of a file only.
            Err(_) if !self.has(&to) => self.rename(from, to),
            Err(error) => Err(error),
        }
    }

    /// The names of what is in it.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        let entries = self.0.entries()?;
        entries.map(|entry| Ok(entry?.file_name())).collect()
    }

    /// Whether something has this name, if only a link to nothing.
    pub fn has(&self, name: impl AsRef<Path>) -> bool {
        self.0.symlink_metadata(name).is_ok()
    }

    /// Makes a folder in it, and those above.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn make_folder(&self, name: &Path) -> io::Result<()> {
        self.0.create_dir_all(name)
    }

    /// Has the names in it be on the disk.
    ///
    /// # Errors
    /// If that does not work, or the system has no such thing.
    pub fn sync(&self) -> io::Result<()> {
        // The handle itself is good for looking things up only.
        self.0.open(".")?.sync_all()
    }

    fn with(&self, name: impl AsRef<Path>, options: &mut OpenOptions) -> io::Result<File> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
        let name = name.as_ref();
        let opened = self.0.open_with(name, options);
        let opened = opened.and_then(|file| checked(file.into_std()));
        opened.map_err(|error| self.said(name, error))
    }

    /// What the system says of a link or of a pipe is not what a person
    /// understands.
    fn said(&self, name: &Path, error: io::Error) -> io::Error {
        let found = self.0.symlink_metadata(name);
        let what = match found.map(|found| found.file_type()) {
            Ok(found) if found.is_symlink() => "it is a link, which is not followed here; remove it",
            Ok(found) if !found.is_file() => "it is no regular file; remove it",
            _ => return error,
        };
        io::Error::other(what)
    }
}

/// Refuses a file that has a name elsewhere: what is written to it would be written
/// there.
fn only_here(file: File) -> io::Result<File> {
    match file.metadata()?.nlink() {
        ..=1 => Ok(file),
        names => Err(io::Error::other(format!(
            "it has {names} names (hard links), and what is written to it would stand under all of them; \
             put a copy in its place"
        ))),
    }
}

impl AsRawFd for Folder {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn pipe(path: &Path) {
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, path, fifo, 0o600.into(), 0).unwrap();
    }

    #[test]
    fn no_link_is_followed_and_no_pipe_waited_for() {
        let base = tempfile::tempdir().unwrap();
        let (inside, victim) = (base.path().join("in"), base.path().join("victim"));
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(&victim, "victim").unwrap();
        std::fs::write(inside.join("own"), "own").unwrap();
        symlink(&victim, inside.join("out")).unwrap();
        symlink("own", inside.join("beside")).unwrap();
        symlink("none", inside.join("dangling")).unwrap();
        std::fs::create_dir(inside.join("folder")).unwrap();
        pipe(&inside.join("pipe"));
        let folder = Folder::open(&inside).unwrap();
        for name in ["out", "beside", "dangling", "pipe", "folder"] {
            let all = [folder.file(name), folder.change(name), folder.extend(name)];
            for refused in all {
                let error = refused.unwrap_err().to_string();
                assert!(
                    error.contains("remove it") || error.contains("no regular file"),
                    "{name}: {error}"
                );
            }
        }
        let error = folder.name_first("own", "out").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        for name in ["out", "beside", "dangling", "pipe"] {
            folder.make(name).unwrap();
            assert!(std::fs::symlink_metadata(inside.join(name)).unwrap().is_file());
        }
        folder.make_private("mine").unwrap();
        let mode = std::fs::metadata(inside.join("mine"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        folder.name_first("mine", "first").unwrap();
        assert!(folder.has("first") && !folder.has("mine"));
        assert!(folder.make("folder").is_err() && folder.make("../victim").is_err());
        assert_eq!(std::fs::read(&victim).unwrap(), b"victim");
        assert_eq!(std::fs::read(inside.join("own")).unwrap(), b"own");
    }

    #[test]
    fn nothing_is_written_to_a_file_that_has_a_name_elsewhere() {
        let base = tempfile::tempdir().unwrap();
        let (inside, victim) = (base.path().join("in"), base.path().join("victim"));
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(&victim, "victim").unwrap();
        std::fs::hard_link(&victim, inside.join("hard")).unwrap();
        let folder = Folder::open(&inside).unwrap();
        for refused in [folder.change("hard"), folder.extend("hard")] {
            let error = refused.unwrap_err().to_string();
            assert!(error.contains("2 names"), "{error}");
        }
        std::io::Write::write_all(&mut folder.make("hard").unwrap(), b"new").unwrap();
        assert_eq!(std::fs::read(&victim).unwrap(), b"victim");
        folder.change("hard").unwrap();
    }

    #[test]
    fn a_folder_that_is_a_link_out_of_it_leads_nowhere() {
        let base = tempfile::tempdir().unwrap();
        let (inside, others) = (base.path().join("in"), base.path().join("others"));
        std::fs::create_dir(&inside).unwrap();
        std::fs::create_dir(&others).unwrap();
        symlink(&others, inside.join("results")).unwrap();
        let folder = Folder::open(&inside).unwrap();
        assert!(folder.make("results/a").is_err());
        assert_eq!(std::fs::read_dir(&others).unwrap().count(), 0);
    }
}
