//! Why a journal cannot be read or written.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::frame::{BadHeader, VERSION};

/// Why a journal cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another process has the session.
    #[error("{} is in use by another fusebox process{}; wait for it or cancel it", path.display(),
        holder.map(|pid| format!(" (pid {pid})")).unwrap_or_default())]
    Busy {
        /// The session's directory.
        path: PathBuf,
        /// That process, if it is known.
        holder: Option<u32>,
    },
    /// The directory holds a session already.
    #[error("{} already holds a session; resume it, or choose another folder", .0.display())]
    Exists(PathBuf),
    /// The directory holds no session.
    #[error("{} holds no session that could be resumed", .0.display())]
    Missing(PathBuf),
    /// The file is something else.
    #[error("{} is not a journal", .0.display())]
    Foreign(PathBuf),
    /// A newer version of the program wrote it.
    #[error("{} was written by a newer fusebox (format {found}, this one knows {known}); use that version", path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// The version of its format.
        found: u16,
        /// The newest that this program knows.
        known: u16,
    },
    /// What was safely on the disk is not there any more.
    #[error("{} is damaged at byte {offset}: {why}; what comes before can be read, but the session cannot go on from it: run it anew in another folder", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// What is wrong there.
        why: &'static str,
    },
    /// A record is of a kind that only a newer version knows.
    #[error("{} holds a record of the unknown kind {kind} at byte {offset}; use the newer fusebox that wrote it", path.display())]
    UnknownKind {
        /// Which file.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// The kind.
        kind: u16,
    },
    /// A record does not hold what its kind says.
    #[error("{} holds a record at byte {offset} that cannot be understood", path.display())]
    Record {
        /// Which file.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// Why not.
        source: rmp_serde::decode::Error,
    },
    /// Something could not be read or written.
    #[error("cannot use the journal {}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The first record could not be made.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl JournalError {
    /// Why a file's first bytes are refused.
    pub(super) fn header(path: &Path, bad: BadHeader) -> Self {
        let path = path.to_owned();
        match bad {
            BadHeader::Foreign => JournalError::Foreign(path),
            BadHeader::Newer(found) => JournalError::Newer {
                path,
                found,
                known: VERSION,
            },
            BadHeader::Damaged => JournalError::Damaged {
                path,
                offset: 0,
                why: "the header's checksum does not fit",
            },
        }
    }
}

/// Why a record is not on the disk.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// The journal could not be written. Nothing more is taken; what was durable
    /// before stays readable.
    #[error("cannot write the journal {}", path.display())]
    Io {
        /// Which file.
        path: Arc<PathBuf>,
        /// Why not.
        source: Arc<io::Error>,
    },
    /// The journal has been closed.
    #[error("the journal has been closed")]
    Closed,
    /// A record is too large for a frame.
    #[error("a record of {bytes} bytes, {limit} are the limit")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The most that a record may have.
        limit: usize,
    },
    /// A record cannot be put in bytes.
    #[error("a record cannot be written down")]
    Encode(#[source] Arc<rmp_serde::encode::Error>),
}

impl CommitError {
    /// Whether the disk is full.
    pub fn is_full(&self) -> bool {
        let full = |kind| {
            matches!(
                kind,
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
            )
        };
        matches!(self, CommitError::Io { source, .. } if full(source.kind()))
    }
}
