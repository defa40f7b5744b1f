//! Why a journal cannot be read or written.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::frame::{BadHeader, VERSION};
use super::holds::holds;
use fusebox_system::durable::is_full;

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
    /// No session has begun in the directory.
    #[error("{folder} holds no session that could be resumed: no session began here; run it again with `fusebox run .. --out {folder}`", folder = .0.display())]
    Unbegun(PathBuf),
    /// The directory holds what a session left, but no journal.
    #[error("{} holds no session that could be resumed: there is {found}, but no journal", path.display())]
    Missing {
        /// The directory.
        path: PathBuf,
        /// What is there.
        found: &'static str,
    },
    /// The file is something else, or its beginning is damaged.
    #[error("{} is not a journal, or is damaged at its beginning; if a session was kept there, {}", .0.display(), salvage(.0))]
    Foreign(PathBuf),
    /// A newer version of the program wrote it.
    #[error("{} was written by a newer fusebox (format {found}, this one knows {known}); use that version; if there was none, the file is damaged: {}", path.display(), salvage(path))]
    Newer {
        /// Which file.
        path: PathBuf,
        /// The version of its format.
        found: u16,
        /// The newest that this program knows.
        known: u16,
    },
    /// What was safely on the disk is not there any more.
    #[error("{} is damaged at byte {offset}: {why}; {}", path.display(), salvage(path))]
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
    #[error("{} holds a record at byte {offset} that cannot be understood; {}", path.display(), salvage(path))]
    Record {
        /// Which file.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// Why not.
        source: rmp_serde::decode::Error,
    },
    /// It cannot be read.
    #[error("cannot read the journal {}", path.display())]
    Unread {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Something could not be written.
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

/// What can be done about a damaged journal.
fn salvage(journal: &Path) -> String {
    let folder = journal.parent().unwrap_or(journal).display();
    format!("`fusebox resume {folder} --salvage` keeps what is intact and resumes")
}

impl JournalError {
    /// Why there is no journal in a directory.
    pub(super) fn none(session: &Path) -> Self {
        let path = session.to_owned();
        match holds(session) {
            Some(found) => JournalError::Missing { path, found },
            None => JournalError::Unbegun(path),
        }
    }

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
        matches!(self, CommitError::Io { source, .. } if is_full(source))
    }
}
