//! Where a user's live sessions are found by their ids: a folder with a symbolic
//! link for each, from its id to its output directory.
//!
//! The folder is `$XDG_RUNTIME_DIR/fusebox/sessions`, else `fusebox/sessions` in
//! the user's cache folder, and its owner's alone. A session that was killed
//! leaves its link; whoever looks next removes it.

use std::os::unix::fs::{DirBuilderExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::client::is_dead;
use super::socket::connect;

/// Longest id that is taken for a name, in bytes.
const LONGEST_ID: usize = 128;

/// The folder of the live sessions.
#[derive(Debug)]
pub struct LiveSessions {
    dir: PathBuf,
}

/// A live session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Its id.
    pub id: String,
    /// Its output directory.
    pub folder: PathBuf,
}

/// A session that can be found, until this is dropped.
#[derive(Debug)]
pub struct Registered {
    link: PathBuf,
    folder: PathBuf,
}

impl LiveSessions {
    /// Those of this user.
    ///
    /// # Errors
    /// If there is no place for them, or others can write to it.
    pub fn of_user() -> io::Result<Self> {
        let none = "there is no home folder; set XDG_RUNTIME_DIR or XDG_CACHE_HOME";
        let base = base().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, none))?;
        Self::in_folder(base.join("fusebox/sessions"))
    }

    /// Those in this folder, which is made.
    fn in_folder(dir: PathBuf) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        let meta = fs::metadata(&dir)?;
        if meta.mode() & 0o077 != 0 || meta.uid() != rustix::process::geteuid().as_raw() {
            let message = format!("{} is not its owner's alone; remove it", dir.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
        Ok(Self { dir })
    }

    /// Makes a session findable by its id.
    ///
    /// # Errors
    /// If its id is no plain name, is that of another live session, or the link
    /// cannot be made.
    pub fn register(&self, id: &str, folder: &Path) -> io::Result<Registered> {
        if !is_plain(id) {
            let message = "its id is no plain name";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let (link, folder) = (self.dir.join(id), folder.canonicalize()?);
        // Removes the link of a dead session of the same id. One to this very
        // folder is from a process that was killed here: this one has its socket.
        if fs::read_link(&link).is_ok_and(|before| before == folder) {
            fs::remove_file(&link)?;
        }
        self.find(id);
        symlink(&folder, &link)?;
        Ok(Registered { link, folder })
    }

    /// The live session of this id.
    pub fn find(&self, id: &str) -> Option<LiveSession> {
        let link = Some(self.dir.join(id)).filter(|_| is_plain(id))?;
        let folder = fs::read_link(&link).ok()?;
        if connect(&folder).is_err_and(|error| is_dead(&error)) {
            let _ = fs::remove_file(&link);
            return None;
        }
        let id = id.to_owned();
        Some(LiveSession { id, folder })
    }

    /// All live sessions, by id.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn list(&self) -> io::Result<Vec<LiveSession>> {
        let mut found: Vec<_> = fs::read_dir(&self.dir)?
            .filter_map(|entry| self.find(entry.ok()?.file_name().to_str()?))
            .collect();
        found.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(found)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        if fs::read_link(&self.link).is_ok_and(|folder| folder == self.folder) {
            let _ = fs::remove_file(&self.link);
        }
    }
}

fn base() -> Option<PathBuf> {
    let folder = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    folder("XDG_RUNTIME_DIR")
        .filter(|path| path.is_dir())
        .or_else(|| folder("XDG_CACHE_HOME"))
        .or_else(|| Some(std::env::home_dir()?.join(".cache")))
}

fn is_plain(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::super::socket::Socket;
    use super::*;

    #[test]
    fn live_sessions_are_found_and_dead_ones_dropped() {
        let base = tempfile::tempdir().unwrap();
        let sessions = LiveSessions::in_folder(base.path().join("a/sessions")).unwrap();
        let out = |name: &str| {
            let path = base.path().join(name);
            fs::create_dir(&path).unwrap();
            path.canonicalize().unwrap()
        };
        let (one, two, dead) = (out("one"), out("two"), out("dead"));
        let sockets = [Socket::bind(&one).unwrap(), Socket::bind(&two).unwrap()];
        let kept = [
            sessions.register("one", &one).unwrap(),
            sessions.register("two", &two).unwrap(),
        ];
        let killed = sessions.register("dead", &dead).unwrap();
        std::mem::forget(killed);
        let ids: Vec<_> = sessions
            .list()
            .unwrap()
            .into_iter()
            .map(|found| found.id)
            .collect();
        assert_eq!(ids, ["one", "two"]);
        assert!(fs::symlink_metadata(base.path().join("a/sessions/dead")).is_err());
        assert_eq!(sessions.find("two").unwrap().folder, two);
        assert!(sessions.register("two", &one).is_err(), "it is taken");
        drop((sockets, kept));
        assert_eq!(fs::read_dir(base.path().join("a/sessions")).unwrap().count(), 0);
    }

    #[test]
    fn an_id_is_no_path() {
        let base = tempfile::tempdir().unwrap();
        let sessions = LiveSessions::in_folder(base.path().join("sessions")).unwrap();
        for id in ["", ".", "..", "../x", "/etc", "a/b", "a\0b", &"x".repeat(200)] {
            assert!(sessions.register(id, base.path()).is_err(), "{id}");
            assert!(sessions.find(id).is_none(), "{id}");
        }
    }

    #[test]
    fn a_folder_that_others_can_enter_is_refused() {
        let base = tempfile::tempdir().unwrap();
        let open = base.path().join("open");
        fs::DirBuilder::new().mode(0o755).create(&open).unwrap();
        assert!(LiveSessions::in_folder(open).is_err());
    }
}
