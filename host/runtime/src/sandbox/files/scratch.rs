//! Folders that attempts have for themselves, and that are gone when they end.
//!
//! They lie in one folder of the host's, in the system's place for temporary
//! files. A host that was killed leaves its folder behind; the next one that
//! makes such a folder removes it, which it knows by the lock that nobody holds.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use super::mount::Mount;
use super::room::Room;
use crate::sandbox::ScratchGrant;
use fusebox_system::regular_file::Folder;

/// How the folders of hosts begin.
pub const PREFIX: &str = "fusebox-scratch-";
/// The file in each that its host has locked.
const LOCK: &str = "lock";

/// Where the scratch folders of an instance's attempts are made.
#[derive(Debug)]
pub struct ScratchFolders {
    grant: ScratchGrant,
    folder: TempDir,
    next: AtomicU64,
    /// Held as long as there is this folder.
    _lock: File,
}

/// The scratch folder of one attempt. Dropped, it is gone with all that is in it.
#[derive(Debug)]
pub(super) struct Scratch {
    mount: Arc<Mount>,
    path: PathBuf,
}

impl ScratchFolders {
    /// Makes the folder for those of attempts, and removes what hosts that were
    /// killed have left.
    ///
    /// # Errors
    /// If it cannot be made.
    pub(crate) fn new(grant: &ScratchGrant) -> io::Result<Self> {
        sweep(&std::env::temp_dir());
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        // Another host may look at it before it is locked; it then finds no lock
        // file, and leaves it alone, until the file has this name.
        let lock = Folder::open(folder.path())?;
        let file = lock.change("new")?;
        file.try_lock()?;
        lock.rename("new", LOCK)?;
        Ok(Self {
            grant: grant.clone(),
            folder,
            next: AtomicU64::new(0),
            _lock: file,
        })
    }

    /// What guests call theirs.
    pub(super) fn mount(&self) -> &str {
        &self.grant.mount
    }

    fn make(&self) -> io::Result<Scratch> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.path().join(number.to_string());
        // The attempt's files are below: what is above is for taking it apart.
        let own = own(&path);
        fs::create_dir(&path)?;
        fs::create_dir(&own)?;
        let room = Room::new(self.grant.quota, self.grant.max_files);
        let mount = Mount::new(&own, &self.grant.mount, Some(room))?;
        Ok(Scratch {
            mount: Arc::new(mount),
            path,
        })
    }
}

/// Where the files of an attempt are in its folder.
fn own(path: &Path) -> PathBuf {
    path.join("0")
}

/// The attempt's scratch folder, which is made if there is none yet.
pub(super) fn mount(scratch: &mut Option<Scratch>, folders: &ScratchFolders) -> io::Result<Arc<Mount>> {
    let scratch = match scratch {
        Some(scratch) => scratch,
        None => scratch.insert(folders.make()?),
    };
    Ok(scratch.mount.clone())
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.path) {
            tracing::warn!(folder = %self.path.display(), %error, "a scratch folder could not be removed");
        }
    }
}

/// Removes a folder of numbered folders and all below them. A folder in a folder
/// is moved up and waits for its turn, so that one in which a thousand lie in
/// each other is taken apart with one open file and paths of one length. Where it
/// was broken off, it goes on.
fn remove(path: &Path) -> io::Result<()> {
    let mut waiting = folders_in(path)?;
    let number = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u64>().ok();
    let last = waiting.iter().filter_map(number).max();
    let mut free = last.map_or(0, |last| last.saturating_add(1))..;
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => {
                    let moved = path.join(free.next().unwrap_or_default().to_string());
                    fs::rename(entry.path(), &moved)?;
                    waiting.push(moved);
                }
                false => fs::remove_file(entry.path())?,
            }
        }
        fs::remove_dir(&folder)?;
    }
    fs::remove_dir(path)
}

fn folders_in(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Removes what hosts of this user have left that are no more.
fn sweep(place: &Path) {
    let own = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let is_one = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX));
        // Neither a link nor a folder of somebody else's.
        let is_own = |found: &fs::Metadata| found.is_dir() && found.uid() == own;
        if is_one && entry.metadata().is_ok_and(|found| is_own(&found)) {
            // Another may do the same at this moment; what is left is for the next.
            let _ = remove_left(&entry.path());
        }
    }
}

fn remove_left(folder: &Path) -> io::Result<()> {
    let lock = Folder::open(folder)?.file(LOCK)?;
    lock.try_lock()?;
    for attempt in folders_in(folder)? {
        remove(&attempt)?;
    }
    fs::remove_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders() -> ScratchFolders {
        let grant = ScratchGrant {
            quota: 1 << 20,
            ..ScratchGrant::default()
        };
        ScratchFolders::new(&grant).unwrap()
    }

    /// Two thousand folders in each other: more than a process may have open, and
    /// a longer path than the system takes.
    #[test]
    fn what_is_nested_deeper_than_files_may_be_open_is_gone() {
        let folders = folders();
        let scratch = folders.make().unwrap();
        let mut inner = cap_std::fs::Dir::from_std_file(scratch.mount.dir.dir.try_clone().unwrap());
        for _ in 0..2_000 {
            inner.create_dir("a-folder").unwrap();
            inner.create("file").unwrap();
            inner = inner.open_dir("a-folder").unwrap();
        }
        let path = scratch.path.clone();
        drop(scratch);
        assert!(!path.exists() && folders.folder.path().exists());
    }

    #[test]
    fn what_a_killed_host_left_is_removed_and_what_another_uses_is_not() {
        let place = tempfile::tempdir().unwrap();
        let made = |name: &str| {
            let folder = place.path().join(name);
            fs::create_dir_all(folder.join("3/0/a/b")).unwrap();
            fs::create_dir_all(folder.join("3/7/c")).unwrap();
            fs::write(folder.join(LOCK), "").unwrap();
            folder
        };
        let (left, used) = (made("fusebox-scratch-left"), made("fusebox-scratch-used"));
        let others = made("others");
        std::os::unix::fs::symlink(&others, place.path().join("fusebox-scratch-link")).unwrap();
        let lock = Folder::open(&used).unwrap().change(LOCK).unwrap();
        lock.try_lock().unwrap();
        sweep(place.path());
        assert!(!left.exists());
        assert!(used.join("3/0/a/b").exists() && others.join("3/0/a/b").exists());
    }

    #[test]
    fn each_attempt_has_one_of_its_own() {
        let folders = folders();
        let (one, other) = (folders.make().unwrap(), folders.make().unwrap());
        fs::write(own(&one.path).join("a"), "a").unwrap();
        assert_eq!(fs::read_dir(own(&other.path)).unwrap().count(), 0);
    }
}
