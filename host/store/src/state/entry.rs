//! One file: a line that says what it is, and a key with its value as JSON, for
//! people to read.
//!
//! ```text
//! fusebox-state 1 <CRC-32 of the rest, in hexadecimal>
//! {"key":"upstream:llm","value":{...}}
//! ```

use std::io::ErrorKind;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::StateError;
use super::table::MAX_VALUE;
use fusebox_system::regular_file;

/// The newest format that is known.
const VERSION: u32 = 1;
const MAGIC: &str = "fusebox-state";
/// The most that the first line has.
pub(super) const FIRST_LINE_BYTES: u64 = 64;

/// A key and its value.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry<T> {
    pub(super) key: String,
    pub(super) value: T,
}

impl<T: Serialize> Entry<T> {
    /// The first line and the rest.
    pub(super) fn encode(&self, path: &Path) -> Result<(String, Vec<u8>), StateError> {
        let mut body =
            fusebox_system::json::to_vec(self).map_err(|error| StateError::io(path, error.into()))?;
        body.push(b'\n');
        Ok((first_line(&body), body))
    }
}

impl<T: DeserializeOwned> Entry<T> {
    /// Reads a file; none if there is no such.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, StateError> {
        let bytes = match regular_file::read_own(path, MAX_VALUE as u64 + FIRST_LINE_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StateError::io(path, source)),
        };
        let body = body(path, &bytes)?;
        let entry = serde_json::from_slice(body).map_err(|error| StateError::damaged(path, error))?;
        Ok(Some(entry))
    }

    /// Reads the file of a key; none if there is no such.
    pub(super) fn read_of(path: &Path, key: &str) -> Result<Option<Self>, StateError> {
        match Self::read(path)? {
            Some(entry) if entry.key != key => Err(StateError::damaged(path, "it holds another key")),
            entry => Ok(entry),
        }
    }
}

/// The line before a body.
pub(super) fn first_line(body: &[u8]) -> String {
    format!("{MAGIC} {VERSION} {:08x}\n", crc32fast::hash(body))
}

/// What comes after the first line, if that says so.
pub(super) fn body<'b>(path: &Path, bytes: &'b [u8]) -> Result<&'b [u8], StateError> {
    let damaged = |why: &str| StateError::damaged(path, why);
    let end = memchr::memchr(b'\n', bytes).ok_or_else(|| damaged("it has no first line"))?;
    let (line, rest) = bytes.split_at(end);
    let body = rest.get(1..).unwrap_or_default();
    let line = std::str::from_utf8(line).map_err(|_| damaged("its first line is no text"))?;
    let mut words = line.split(' ');
    if words.next() != Some(MAGIC) {
        return Err(damaged("its first line does not say that it is state"));
    }
    let version = words.next().and_then(|word| word.parse::<u32>().ok());
    match version {
        Some(found) if found > VERSION => {
            let path = path.to_owned();
            return Err(StateError::Newer { path, found });
        }
        Some(_) if first_line(body).trim_end() == line => {}
        _ => return Err(damaged("its checksum does not fit")),
    }
    Ok(body)
}
