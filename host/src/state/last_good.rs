//! The last good outputs, for tasks that fall back to them: blobs within a
//! bound, of which the oldest go first.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::State;
use super::entry::{body, first_line};
use super::error::StateError;
use super::lock::TableLock;
use super::name::{ENDING, file_name};
use crate::durable;

const TABLE: &str = "last-good";
const DRAFT: &str = "draft";

/// An output that was good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastGood {
    /// Its media type. A plugin's words.
    pub content_type: String,
    /// When it was made, in microseconds since 1970.
    pub at: i64,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// How much is kept.
#[derive(Debug, Clone, Copy)]
pub struct LastGoodLimits {
    /// The most bytes of one.
    pub each: usize,
    /// The most bytes of all together.
    pub all: u64,
}

/// The line before the bytes.
#[derive(Serialize, Deserialize)]
struct About {
    key: String,
    content_type: String,
    at: i64,
}

impl State {
    /// Keeps an output in the place of the one before it, and lets the oldest
    /// of the others go if all are too many.
    ///
    /// # Errors
    /// If it is larger than the limit, or cannot be written.
    pub fn keep_last_good(
        &self,
        key: &str,
        output: &LastGood,
        limits: LastGoodLimits,
    ) -> Result<(), StateError> {
        if output.bytes.len() > limits.each {
            let (key, bytes, limit) = (key.to_owned(), output.bytes.len(), limits.each);
            return Err(StateError::TooLarge { key, bytes, limit });
        }
        let folder = self.folder(TABLE)?;
        let name = file_name(key);
        let path = folder.join(&name);
        let about = About {
            key: key.to_owned(),
            content_type: output.content_type.clone(),
            at: output.at,
        };
        let mut bytes = serde_json::to_vec(&about).map_err(|error| StateError::io(&path, error.into()))?;
        bytes.push(b'\n');
        bytes.extend_from_slice(&output.bytes);
        let _lock = TableLock::take(&folder)?;
        durable::replace(&folder, DRAFT, &name, &[first_line(&bytes).as_bytes(), &bytes])
            .map_err(|source| StateError::io(&path, source))?;
        evict(&folder, &path, limits.all)
    }

    /// The last good output of a key.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn last_good(&self, key: &str) -> Result<Option<LastGood>, StateError> {
        let path = self.dir.join(TABLE).join(file_name(key));
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StateError::io(&path, source)),
        };
        let body = body(&path, &bytes)?;
        let end = memchr::memchr(b'\n', body).unwrap_or(body.len());
        let (about, output) = body.split_at(end);
        let about: About =
            serde_json::from_slice(about).map_err(|error| StateError::damaged(&path, error))?;
        if about.key != key {
            return Err(StateError::damaged(&path, "it holds another key"));
        }
        Ok(Some(LastGood {
            content_type: about.content_type,
            at: about.at,
            bytes: output.get(1..).unwrap_or_default().to_vec(),
        }))
    }
}

/// Removes the oldest files until all are within the bound; never `kept`.
fn evict(folder: &Path, kept: &Path, limit: u64) -> Result<(), StateError> {
    let io = |source| StateError::io(folder, source);
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for file in fs::read_dir(folder).map_err(io)? {
        let file = file.map_err(io)?;
        if file.file_name().to_string_lossy().ends_with(ENDING) {
            let meta = file.metadata().map_err(io)?;
            files.push((meta.modified().map_err(io)?, meta.len(), file.path()));
        }
    }
    let mut all: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
    files.sort();
    for (_, bytes, path) in files {
        if all <= limit {
            break;
        }
        if path != kept {
            fs::remove_file(&path).map_err(io)?;
            all -= bytes;
        }
    }
    Ok(())
}
