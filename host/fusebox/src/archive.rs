//! A session on the disk: its journal, its tasks and its results. A host that is
//! killed at any moment loses no result that was told, and another process can
//! resume the session.
//!
//! ```text
//! session -> channel -> journal_writer: event_encoder -> results, journal -> readers, once durable
//!
//! journal -> interrupted: what is kept, run, reopened, held -> resumed -> session
//!                                                            -> replay  -> readers
//! ```
//!
//! `salvage` opens a session whose journal is damaged. `tasks` keeps the graph.
//! `event_encoder` turns events into records, and `read_back` records into events,
//! with `failure` for failures. `keys` decides about tasks whose requests carried
//! idempotency keys. `session_archive` reads a session that nobody resumes.

mod event_encoder;
mod failure;
mod handed_in;
mod held_back;
mod interrupted;
mod journal_writer;
mod keys;
mod read_back;
mod replay;
mod resumed;
mod salvage;
mod session_archive;
mod tasks;

pub use held_back::HeldBack;
pub use interrupted::{Again, Interrupted};
pub(crate) use journal_writer::{Batch, JournalWriter, carry};
pub use read_back::LostResult;
pub use replay::Replay;
pub use resumed::Resumed;
pub use salvage::Salvaged;
pub use session_archive::SessionArchive;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_bytes::ByteArray;

use crate::report::{OutputDir, OutputError};
use crate::session::Graph;
use event_encoder::{EventEncoder, FilesOfTasks};
use fusebox_store::journal::record::{BoardSaved, Reported, Started};
use fusebox_store::journal::{Appender, CommitError, Grouping, Journal, JournalError, Record};
use fusebox_system::wall_clock;
use fusebox_types::digest::Digest;

/// Why a session cannot be kept, or not be resumed.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Its journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A result cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A result that was kept is not there any more.
    #[error(transparent)]
    Lost(#[from] LostResult),
    /// Its tasks cannot be written.
    #[error("cannot write the tasks of the session in {}", folder.display())]
    TasksUnwritten {
        /// The session's directory.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Its tasks cannot be read.
    #[error("cannot read the tasks of the session in {folder}, so that it cannot be resumed; `fusebox resume {folder} --salvage` puts out the results that are intact", folder = folder.display())]
    TasksUnread {
        /// The session's directory.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Its tasks cannot be read, and its results were put out.
    #[error("cannot read the tasks of the session in {folder}, so that it cannot be resumed; {results} results that its journal held are in {folder}/results now, by the tasks' indices (task-0, ..), beside those that were files", folder = folder.display())]
    PutOut {
        /// The session's directory.
        folder: PathBuf,
        /// How many results were put out.
        results: usize,
        /// Why the tasks cannot be read.
        source: io::Error,
    },
}

impl From<CommitError> for ArchiveError {
    fn from(error: CommitError) -> Self {
        ArchiveError::Journal(error.into())
    }
}

/// How a session begins.
#[derive(Debug, Clone, Default)]
pub struct Beginning {
    /// Its id.
    pub id: String,
    /// The board or session file that it is made of, and the digest of that
    /// file's bytes.
    pub source: String,
    /// The digest of that file's bytes.
    pub source_digest: Option<Digest>,
    /// What its chance follows from.
    pub seed: u64,
    /// Whether the results are to be written to the board itself too.
    pub write: bool,
    /// The configuration's files.
    pub config: Vec<PathBuf>,
    /// Keys of the configuration that were set by hand.
    pub set: Vec<String>,
}

/// Keeps a session while it runs. While it lives, no other process can have the
/// session.
#[derive(Debug)]
pub struct SessionJournal {
    journal: Journal,
    out: Arc<OutputDir>,
    graph: Arc<Graph>,
    /// The files of what guests handed in before the session was resumed.
    handed_in: FilesOfTasks,
}

impl SessionJournal {
    /// Begins to keep a new session in its directory. When this returns, its
    /// tasks and the beginning of its journal are on the disk.
    ///
    /// # Errors
    /// If the directory holds a session, another process has it, or it cannot
    /// be written.
    pub fn begin(out: &Arc<OutputDir>, graph: &Arc<Graph>, session: Beginning) -> Result<Self, ArchiveError> {
        let (folder, lock) = (out.path(), out.lock()?);
        let tasks = tasks::write(folder, graph).map_err(|source| ArchiveError::TasksUnwritten {
            folder: folder.to_owned(),
            source,
        })?;
        let started = Started {
            id: session.id,
            at: wall_clock::now().as_microsecond(),
            source_path: absolute(Path::new(&session.source)),
            source: session.source,
            source_digest: ByteArray::new(session.source_digest.map_or([0; 32], |digest| digest.0)),
            tasks_digest: ByteArray::new(tasks.0),
            tasks: graph.len() as u32,
            seed: session.seed,
            write: session.write,
            config: session.config.iter().map(|path| absolute(path)).collect(),
            set: session.set,
            made_up: false,
        };
        let journal = Journal::create_under(lock, started, Grouping::default())?;
        Ok(Self {
            journal,
            out: out.clone(),
            graph: graph.clone(),
            handed_in: FilesOfTasks::new(),
        })
    }

    pub(crate) fn appender(&self) -> Appender {
        self.journal.appender().clone()
    }

    /// What writes down the session's events.
    pub(crate) fn journal_writer(&self) -> JournalWriter {
        let event_encoder = EventEncoder::new(self.graph.clone(), self.out.clone(), self.handed_in.clone());
        JournalWriter::new(self.appender(), event_encoder)
    }

    /// Says that a board is about to take the place of the original.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn board_saved(&self, digest: Digest) -> Result<(), ArchiveError> {
        let digest = ByteArray::new(digest.0);
        let record = Record::BoardSaved(BoardSaved { digest });
        Ok(self.journal.appender().append_urgent(&record)?.wait()?)
    }

    /// Says that report and board are written, and closes the journal.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn finish(self) -> Result<(), ArchiveError> {
        let at = wall_clock::now().as_microsecond();
        let ticket = self
            .journal
            .appender()
            .append_urgent(&Record::Reported(Reported { at }))?;
        ticket.wait()?;
        Ok(self.journal.close()?)
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
