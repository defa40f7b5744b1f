//! What is intact of a damaged journal, and a session that goes on from it.
//!
//! | file | what it does |
//! |---|---|
//! | `identity` | the id of a journal whose header may be damaged |
//! | `sift` | whole records in their order, and where some are missing |
//! | `rewrite` | a new journal of them, in the place of the old one, which stays |
//!
//! The whole journal is read into memory: this is done once in its life.

mod identity;
mod rewrite;
mod sift;

use std::path::PathBuf;
use std::sync::Arc;

use super::error::JournalError;
use super::frame::{BadHeader, Id, VERSION};
use super::lock::SessionLock;
use super::record::{Record, Started};
use super::{FILE, end};
use sift::{Piece, Sifted};

/// The largest journal that is read so, in bytes.
const MOST_BYTES: u64 = 1 << 30;

/// Bytes of a journal that are not what they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// Where they begin.
    pub from: u64,
    /// Where what comes behind them is whole again, or was the end.
    pub to: u64,
    /// How many records are lost there; not known at the end of a journal.
    pub records: Option<u64>,
}

/// A session's journal, read for what is intact of it. Nothing is changed until
/// [`replace`](Self::replace).
#[derive(Debug)]
pub struct Salvage {
    lock: Arc<SessionLock>,
    bytes: Vec<u8>,
    sifted: Sifted,
}

impl Salvage {
    /// Reads the journal of a session.
    ///
    /// # Errors
    /// If it cannot be read, or a newer version wrote it.
    pub fn read(lock: Arc<SessionLock>) -> Result<Self, JournalError> {
        let path = lock.session().join(FILE);
        let bytes = fusebox_system::regular_file::read_own(&path, MOST_BYTES).map_err(|source| {
            JournalError::Unread {
                path: path.clone(),
                source,
            }
        })?;
        let sifted = Sifted::of(&bytes, |id| end::said(lock.session(), id));
        if let Some((kind, offset)) = sifted.newer {
            return Err(JournalError::UnknownKind { path, offset, kind });
        }
        // Nothing is whole under the format that is known.
        if !sifted.has_records()
            && let Some(found) = newer(&bytes)
        {
            let known = VERSION;
            return Err(JournalError::Newer { path, found, known });
        }
        Ok(Self { lock, bytes, sifted })
    }

    /// Whether something of it has to be left out. A tail that is torn or cut
    /// off is no damage: any journal may have one.
    pub fn is_damaged(&self) -> bool {
        !self.sifted.damage.is_empty() || self.started().is_none()
    }

    /// What is damaged.
    pub fn damage(&self) -> impl Iterator<Item = Damage> {
        self.sifted.damage.iter().chain(&self.sifted.rest).copied()
    }

    /// How the session began, if that is intact.
    pub fn started(&self) -> Option<Started> {
        match self.records().next() {
            Some(Record::Started(started)) => Some(started),
            _ => None,
        }
    }

    /// The records that are intact.
    pub fn records(&self) -> impl Iterator<Item = Record> {
        let pieces = self.sifted.pieces.iter();
        pieces.filter_map(|piece| match piece {
            Piece::Record(frame) => Record::decode(frame.head.kind, frame.payload(&self.bytes)).ok()?,
            Piece::Gap(_) => None,
        })
    }

    /// Puts a journal of what is intact in the place of the damaged one, which
    /// stays under another name: that is given. `started` is its first record if
    /// its own is lost.
    ///
    /// # Errors
    /// If something cannot be written. The session is as it was then.
    pub fn replace(&self, started: Started) -> Result<PathBuf, JournalError> {
        rewrite::replace(self.lock.session(), &self.bytes, &self.sifted, started)
    }
}

/// The version that a header names, if it is a newer one.
fn newer(bytes: &[u8]) -> Option<u16> {
    match Id::from_header(bytes.first_chunk()?) {
        Err(BadHeader::Newer(found)) => Some(found),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
