//! A journal that is written to: made, opened again, closed.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::commit::{Grouping, Writer};
use super::end::{self, End};
use super::error::{CommitError, JournalError};
use super::frame::Id;
use super::lock::SessionLock;
use super::queue::Queue;
use super::reader::Reader;
use super::record::{Gap, Record, Started};
use super::recover::{Gone, Recovered, fold};
use super::ticket::Appender;
use fusebox_system::durable;
use fusebox_system::regular_file::Folder;

/// The journal's file in a session's directory.
pub const FILE: &str = "journal";
/// What it is called until its first record is on the disk.
pub(super) const DRAFT: &str = "journal.new";

/// The journal of a session, to write to. While it lives, no other process can
/// have the session.
#[derive(Debug)]
pub struct Journal {
    appender: Appender,
    thread: Option<JoinHandle<()>>,
    _lock: Arc<SessionLock>,
}

impl Journal {
    /// Makes the journal of a new session. When this returns it is on the disk,
    /// with its first record.
    ///
    /// # Errors
    /// If the directory holds a session, another process has it, or it cannot
    /// be written.
    pub fn create(session: &Path, started: Started, grouping: Grouping) -> Result<Self, JournalError> {
        Self::create_under(Arc::new(SessionLock::take(session)?), started, grouping)
    }

    /// The same by whoever has the directory already.
    ///
    /// # Errors
    /// If the directory holds a session, or it cannot be written.
    pub fn create_under(
        lock: Arc<SessionLock>,
        started: Started,
        grouping: Grouping,
    ) -> Result<Self, JournalError> {
        let session = lock.session();
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
        let length = bytes.len() as u64;
        End::open(session, id).say(length);
        Self::start(lock, id, (length, 1), grouping)
    }

    /// Opens a session's journal to go on with it, and says what stands in it.
    /// A torn tail is cut off; [`Recovered::torn`] says so, and
    /// [`Recovered::gone`] if more is missing than was torn.
    ///
    /// # Errors
    /// If there is none, another process has it, or it cannot be read or
    /// written.
    pub fn open(session: &Path, grouping: Grouping) -> Result<(Self, Recovered), JournalError> {
        Self::open_under(Arc::new(Self::lock(session)?), grouping)
    }

    /// Takes the directory of a session that has begun. Where there is none,
    /// nothing is left in the directory.
    ///
    /// # Errors
    /// If there is none, or another process has it.
    pub fn lock(session: &Path) -> Result<SessionLock, JournalError> {
        let is_there = || session.join(FILE).exists();
        if !is_there() {
            // One that is just beginning is not there yet.
            SessionLock::check(session)?;
            if !is_there() {
                return Err(JournalError::none(session));
            }
        }
        SessionLock::take(session)
    }

    /// Opens the journal of a session by whoever has its directory already.
    ///
    /// # Errors
    /// If it cannot be read or written.
    pub fn open_under(lock: Arc<SessionLock>, grouping: Grouping) -> Result<(Self, Recovered), JournalError> {
        let path = lock.session().join(FILE);
        let mut reader = Reader::open(&path)?;
        let mut recovered = fold(&mut reader)?;
        let (length, next) = reader.end();
        let said = end::said(lock.session(), reader.id()).filter(|said| *said > length);
        // Nothing that is intact is cut off.
        if said.is_some() && reader.is_whole_behind()? {
            return Err(reader.damaged(length, "what was durable is not what it was"));
        }
        // What is read here is believed, so it has to be on the disk: the host
        // may have been killed between its write and its sync.
        cut(lock.session(), length).map_err(|source| JournalError::Io { path, source })?;
        let journal = Self::start(lock, reader.id(), (length, next), grouping)?;
        if let Some(said) = said {
            journal.note_gone(&mut recovered, length, said)?;
        }
        Ok((journal, recovered))
    }

    /// What was durable from here to there is gone: that is written down before
    /// anything else is.
    fn note_gone(&self, recovered: &mut Recovered, from: u64, to: u64) -> Result<(), JournalError> {
        let gap = Gap {
            from,
            to,
            records: None,
        };
        let gap = Record::Gap(gap);
        self.appender.append_urgent(&gap)?.wait()?;
        recovered.apply(gap);
        recovered.gone = Some(Gone {
            offset: from,
            bytes: to - from,
        });
        Ok(())
    }

    fn start(
        lock: Arc<SessionLock>,
        id: Id,
        (length, next): (u64, u64),
        grouping: Grouping,
    ) -> Result<Self, JournalError> {
        let path = lock.session().join(FILE);
        let queue = Arc::new(Queue::new(id, path.clone(), next, grouping));
        let end = End::open(lock.session(), id);
        let started = Folder::open(lock.session())
            .and_then(|folder| folder.extend(FILE))
            .and_then(|file| Writer::start((file, end), id, queue.clone(), length));
        let thread = started.map_err(|source| JournalError::Io { path, source })?;
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

fn cut(session: &Path, length: u64) -> io::Result<()> {
    let file = Folder::open(session)?.extend(FILE)?;
    file.set_len(length)?;
    file.sync_all()
}

pub(super) fn random() -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}
