//! Keeps the cache within its bound: what was not used for longest goes first.
//!
//! A file that a process has mapped stays as long as that does, whoever removes
//! its name.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How old a file has to be that is neither key nor artefact before it goes: what
/// a process that was killed has left.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

/// An artefact in the folder.
struct Entry {
    used: SystemTime,
    bytes: u64,
    path: PathBuf,
}

/// Removes what is over the bound, but for one artefact, which has just been
/// written.
pub(super) fn evict(dir: &Path, most: u64, but: &Path) {
    let Ok(found) = fs::read_dir(dir) else { return };
    let mut entries: Vec<Entry> = found.flatten().filter_map(|file| entry(&file)).collect();
    entries.sort_by_key(|entry| entry.used);
    let mut total: u64 = entries.iter().map(|entry| entry.bytes).sum();
    for entry in entries {
        if total <= most {
            return;
        }
        if entry.path != but && fs::remove_file(&entry.path).is_ok() {
            total = total.saturating_sub(entry.bytes);
        }
    }
}

/// An artefact; what was left behind is removed.
fn entry(file: &DirEntry) -> Option<Entry> {
    // Of the name itself, not of what a link leads to.
    let meta = file.metadata().ok()?;
    let used = meta.modified().ok()?;
    let name = file.file_name();
    let name = name.to_str()?;
    if name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(Entry {
            used,
            bytes: meta.len(),
            path: file.path(),
        });
    }
    if name.starts_with(".tmp") && used.elapsed().is_ok_and(|age| age > LEFT_BEHIND) {
        let _ = fs::remove_file(file.path());
    }
    None
}
