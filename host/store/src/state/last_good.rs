//! Last good outputs, for tasks that fall back to them: files within bounds, of
//! which the oldest go first. Nobody waits for the disk: what a power cut leaves
//! of one is no whole file, is said when it is read, and is no loss.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::State;
use super::entry::{body, first_line};
use super::error::StateError;
use super::lock::TableLock;
use super::name::{ENDING, file_name};
use super::table::DRAFT;
use crate::state::CachedRules;
use fusebox_system::{durable, regular_file};
use fusebox_types::Output;

const TABLE: &str = "last-good";
/// The largest file of one that is read, in bytes: no agent can be configured
/// to give more than 64 MiB.
const MOST_BYTES: u64 = 65 << 20;

/// An output that was good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastGood {
    /// When it was given, in Unix milliseconds by the state's time.
    pub at: u64,
    /// The result.
    pub output: Arc<Output>,
}

/// An output that was good, found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recalled {
    /// How long ago it was given.
    pub age: Duration,
    /// The result.
    pub output: Arc<Output>,
}

/// The line before the bytes.
#[derive(Serialize, Deserialize)]
struct About {
    key: String,
    content_type: String,
    at: u64,
}

impl State {
    /// Keeps outputs in the places of those before them, by their keys, and lets
    /// the oldest go if there are too many.
    ///
    /// # Errors
    /// If one cannot be written, or the lock is not to be had.
    pub fn keep_last_good<'o>(
        &self,
        outputs: impl IntoIterator<Item = (&'o str, &'o LastGood)>,
        limits: &CachedRules,
    ) -> Result<(), StateError> {
        let folder = self.folder(TABLE)?;
        let _lock = TableLock::take(&folder)?;
        for (key, kept) in outputs {
            put(&folder, key, kept)?;
        }
        evict(&folder, limits)
    }

    /// The last good output of a key. Waits for nobody, but where its time lies
    /// in the future: then it counts as given now, and so that it grows old from
    /// now on, that is written down.
    ///
    /// # Errors
    /// If it cannot be read, or written where it has to be.
    pub fn last_good(&self, key: &str) -> Result<Option<Recalled>, StateError> {
        let folder = self.dir.join(TABLE);
        let (mut found, now) = (read(&folder, key)?, self.time.now());
        if found.as_ref().is_some_and(|found| found.at > now) {
            let _lock = TableLock::take(&folder)?;
            found = read(&folder, key)?;
            if let Some(found) = found.as_mut().filter(|found| found.at > now) {
                found.at = now;
                put(&folder, key, found)?;
            }
        }
        Ok(found.map(|LastGood { at, output }| Recalled {
            age: Duration::from_millis(now.saturating_sub(at)),
            output,
        }))
    }
}

fn read(folder: &Path, key: &str) -> Result<Option<LastGood>, StateError> {
    let path = folder.join(file_name(key));
    let bytes = match regular_file::read_own(&path, MOST_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StateError::io(&path, source)),
    };
    let body = body(&path, &bytes)?;
    let end = memchr::memchr(b'\n', body).unwrap_or(body.len());
    let (about, bytes) = body.split_at(end);
    let about: About = serde_json::from_slice(about).map_err(|error| StateError::damaged(&path, error))?;
    if about.key != key {
        return Err(StateError::damaged(&path, "it holds another key"));
    }
    let output = Output {
        content_type: about.content_type,
        bytes: bytes.get(1..).unwrap_or_default().to_vec(),
    };
    let (at, output) = (about.at, Arc::new(output));
    Ok(Some(LastGood { at, output }))
}

fn put(folder: &Path, key: &str, kept: &LastGood) -> Result<(), StateError> {
    let name = file_name(key);
    let path = folder.join(&name);
    let about = About {
        key: key.to_owned(),
        content_type: kept.output.content_type.clone(),
        at: kept.at,
    };
    let mut body =
        fusebox_system::json::to_vec(&about).map_err(|error| StateError::io(&path, error.into()))?;
    body.push(b'\n');
    body.extend_from_slice(&kept.output.bytes);
    durable::place(folder, DRAFT, &name, &[first_line(&body).as_bytes(), &body])
        .and_then(|()| date(&path, kept.at))
        .map_err(|source| StateError::io(&path, source))
}

/// Has a file be of the time of its output, by which the oldest are found: that
/// at which it was written is by the clock on the wall.
fn date(path: &Path, at: u64) -> std::io::Result<()> {
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(at));
    let file = regular_file::open_own(path)?;
    at.map_or(Ok(()), |at| file.set_modified(at))
}

/// Removes the oldest files until all are within the bounds.
fn evict(folder: &Path, limits: &CachedRules) -> Result<(), StateError> {
    let mut files = files(folder).map_err(|source| StateError::io(folder, source))?;
    files.sort();
    let mut count = files.len() as u64;
    let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
    for (_, bytes, path) in files {
        if count <= u64::from(limits.max_outputs) && total <= limits.max_total {
            break;
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(StateError::io(&path, error)),
            _ => (count, total) = (count - 1, total - bytes),
        }
    }
    Ok(())
}

/// When the output of each file was given, how large it is, and where.
fn files(folder: &Path) -> std::io::Result<Vec<(SystemTime, u64, PathBuf)>> {
    let mut files = Vec::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        if file.file_name().to_string_lossy().ends_with(ENDING) {
            let meta = file.metadata()?;
            files.push((meta.modified()?, meta.len(), file.path()));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests;
