//! What is kept of a session as a whole.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::task::Digest;

/// The session has begun.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// Its id.
    pub id: String,
    /// When.
    pub at: i64,
    /// The board or session file that it was made of, as it was named.
    pub source: String,
    /// Its absolute path.
    #[serde(default)]
    pub source_path: PathBuf,
    /// The digest of that file's bytes.
    pub source_digest: Digest,
    /// The digest of the file of tasks. Records name tasks by their place in
    /// it, so they mean nothing under another.
    pub tasks_digest: Digest,
    /// How many tasks there are.
    pub tasks: u32,
    /// What its chance follows from.
    pub seed: u64,
    /// Whether the results are to be written to the board itself too.
    #[serde(default)]
    pub write: bool,
    /// The configuration's files, as absolute paths.
    #[serde(default)]
    pub config: Vec<PathBuf>,
    /// Keys of the configuration that were set by hand.
    #[serde(default)]
    pub set: Vec<String>,
    /// Whether the record itself was lost, and this one was made up in its
    /// place: it says nothing of source, chance and configuration.
    #[serde(default)]
    pub made_up: bool,
}

/// A process goes on with the session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// When.
    pub at: i64,
    /// Bytes of a torn tail that were cut off the journal.
    #[serde(default)]
    pub repaired_bytes: u64,
}

/// A board with results is about to be put in the place of the original.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardSaved {
    /// The digest of its text, by which it is known again.
    pub digest: Digest,
}

/// The report, and the board if there is one, are written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// When.
    pub at: i64,
}

/// The session is over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: i64,
    /// For how long its processes ran; none if an older version wrote this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran: Option<u64>,
    /// What it came to.
    pub status: String,
}

/// Records that had been on the disk are lost here: the journal was damaged, and
/// what is intact was salvaged, or its end was cut off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Where what is lost began, in the journal as it was.
    #[serde(default)]
    pub from: u64,
    /// Where it ended.
    #[serde(default)]
    pub to: u64,
    /// How many records it were, if that is known.
    #[serde(default)]
    pub records: Option<u64>,
}
