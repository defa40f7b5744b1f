//! A journal that is written to: made, opened again, closed.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::commit::{Grouping, Writer};
use super::error::{CommitError, JournalError};
use super::frame::Id;
use super::lock::SessionLock;
use super::queue::Queue;
use super::reader::Reader;
use super::record::{Record, Started};
use super::recover::{Recovered, fold};
use super::ticket::Appender;
use crate::durable;

/// The journal's file in a session's directory.
pub const FILE: &str = "journal";
/// What it is called until its first record is on the disk.
const DRAFT: &str = "journal.new";

/// The journal of a session, to write to. While it lives, no other process can
/// have the session.
#[derive(Debug)]
pub struct Journal {
    appender: Appender,
    thread: Option<JoinHandle<()>>,
    _lock: SessionLock,
}

impl Journal {
    /// Makes the journal of a new session. When this returns it is on the disk,
    /// with its first record.
    ///
    /// # Errors
    /// If the directory holds a session, another process has it, or it cannot
    /// be written.
    pub fn create(session: &Path, started: Started, grouping: Grouping) -> Result<Self, JournalError> {
        let lock = SessionLock::take(session)?;
        let path = session.join(FILE);
        if path.exists() {
            return Err(JournalError::Exists(session.to_owned()));
        }
        let io = |source| JournalError::Io {
            path: path.clone(),
            source,
        };
        let id = Id(random().map_err(io)?);
        let mut bytes = id.header().to_vec();
        id.push_frame(0, &mut bytes, |to| Record::Started(started).encode(to))?;
        durable::replace(session, DRAFT, FILE, &[&bytes]).map_err(io)?;
        Self::start(lock, &path, id, (bytes.len() as u64, 1), grouping)
    }

    /// Opens a session's journal to go on with it, and says what stands in it.
    /// A torn tail is cut off; [`Recovered::torn`] says so.
    ///
    /// # Errors
    /// If there is none, another process has it, or it cannot be read or
    /// written.
    pub fn open(session: &Path, grouping: Grouping) -> Result<(Self, Recovered), JournalError> {
        let path = session.join(FILE);
        if !path.exists() {
            return Err(JournalError::Missing(session.to_owned()));
        }
        let lock = SessionLock::take(session)?;
        let mut reader = Reader::open(&path)?;
        let recovered = fold(&mut reader)?;
        let (length, next) = reader.end();
        // What is read here is believed, so it has to be on the disk: the host
        // may have been killed between its write and its sync.
        cut(&path, length).map_err(|source| JournalError::Io {
            path: path.clone(),
            source,
        })?;
        let journal = Self::start(lock, &path, reader.id(), (length, next), grouping)?;
        Ok((journal, recovered))
    }

    fn start(
        lock: SessionLock,
        path: &Path,
        id: Id,
        (length, next): (u64, u64),
        grouping: Grouping,
    ) -> Result<Self, JournalError> {
        let queue = Arc::new(Queue::new(id, path.to_owned(), next, grouping));
        let started = OpenOptions::new()
            .append(true)
            .open(path)
            .and_then(|file| Writer::start(file, id, queue.clone(), length));
        let thread = started.map_err(|source| JournalError::Io {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            appender: Appender { queue },
            thread: Some(thread),
            _lock: lock,
        })
    }

    /// What appends records to it.
    pub fn appender(&self) -> &Appender {
        &self.appender
    }

    /// Puts everything on the disk that was appended, and closes the journal.
    ///
    /// # Errors
    /// If that does not work.
    pub fn close(mut self) -> Result<(), CommitError> {
        self.end();
        self.appender.queue.failed().map_or(Ok(()), Err)
    }

    fn end(&mut self) {
        self.appender.queue.close();
        if let Some(thread) = self.thread.take() {
            // A panic of the writer is in the queue as an error.
            let _ = thread.join();
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.end();
    }
}

fn cut(path: &Path, length: u64) -> io::Result<()> {
    let file = File::options().write(true).open(path)?;
    file.set_len(length)?;
    file.sync_all()
}

fn random() -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}
