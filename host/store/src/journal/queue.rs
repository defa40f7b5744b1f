//! Records on their way to the disk: appended by many, taken in groups by one.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::commit::Grouping;
use super::error::CommitError;
use super::frame::{Id, MARK_BYTES};
use super::record::Record;

/// Where records wait. The writer's thread is the only one that takes them.
#[derive(Debug)]
pub(super) struct Queue {
    id: Id,
    path: Arc<PathBuf>,
    grouping: Grouping,
    state: Mutex<State>,
    /// For the writer: there is something to do.
    work: Condvar,
    /// For threads that wait: something is durable, or never will be.
    settled: Condvar,
    /// The same for tasks.
    settled_async: Notify,
}

#[derive(Debug)]
struct State {
    /// Room for a mark, and whole frames behind it.
    frames: Vec<u8>,
    /// The sequence of the next record.
    next: u64,
    /// All records before this one are on the disk.
    durable: u64,
    /// Somebody waits who should not wait long.
    urgent: bool,
    closing: bool,
    failed: Option<CommitError>,
}

/// Frames that go to the disk together.
pub(super) struct Group {
    /// Room for a mark, and whole frames behind it.
    pub(super) frames: Vec<u8>,
    /// The sequence of the first record.
    pub(super) first: u64,
    /// The sequence after the last.
    pub(super) end: u64,
}

impl Queue {
    pub(super) fn new(id: Id, path: PathBuf, next: u64, grouping: Grouping) -> Self {
        let state = State {
            frames: vec![0; MARK_BYTES],
            next,
            durable: next,
            urgent: false,
            closing: false,
            failed: None,
        };
        Self {
            id,
            path: Arc::new(path),
            grouping,
            state: Mutex::new(state),
            work: Condvar::new(),
            settled: Condvar::new(),
            settled_async: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a record and gives its sequence. Waits while too much is on its way, unless it is
    /// urgent: those are few and small.
    pub(super) fn push(&self, record: &Record, urgent: bool) -> Result<u64, CommitError> {
        let mut state = self.lock();
        let full = |state: &State| state.frames.len() > self.grouping.most_waiting;
        while !urgent && state.failed.is_none() && full(&state) {
            state = self.settled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        match &state.failed {
            Some(error) => return Err(error.clone()),
            None if state.closing => return Err(CommitError::Closed),
            None => {}
        }
        let (first, sequence) = (state.is_empty(), state.next);
        self.id
            .push_frame(sequence, &mut state.frames, |to| record.encode(to))?;
        state.next += 1;
        let hurry = (urgent && !state.urgent) || state.frames.len() >= self.grouping.bytes;
        state.urgent |= urgent;
        drop(state);
        if first || hurry {
            self.work.notify_one();
        }
        Ok(sequence)
    }

    /// The next group, once enough has gathered; `spare` takes its place. None
    /// when the journal is being closed and nothing is left.
    pub(super) fn take(&self, mut spare: Vec<u8>) -> Option<Group> {
        spare.clear();
        spare.resize(MARK_BYTES, 0);
        let mut state = self.lock();
        while state.is_empty() {
            if state.closing {
                return None;
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let until = Instant::now() + self.grouping.time;
        while !state.urgent && !state.closing && state.frames.len() < self.grouping.bytes {
            let left = until.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                break;
            }
            let waited = self.work.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.urgent = false;
        let frames = std::mem::replace(&mut state.frames, spare);
        Some(Group {
            frames,
            first: state.durable,
            end: state.next,
        })
    }

    /// All records before this one are on the disk.
    pub(super) fn settle(&self, durable: u64) {
        self.lock().durable = durable;
        self.wake();
    }

    /// Nothing more will be on the disk.
    pub(super) fn fail(&self, error: std::io::Error) {
        let error = CommitError::Io {
            path: self.path.clone(),
            source: Arc::new(error),
        };
        self.lock().failed.get_or_insert(error);
        self.wake();
    }

    /// Takes no more records.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.work.notify_one();
    }

    /// The error that nothing more can be written for, if there is one.
    pub(super) fn failed(&self) -> Option<CommitError> {
        self.lock().failed.clone()
    }

    /// Blocks until it is known what became of a record.
    pub(super) fn wait(&self, sequence: u64) -> Result<(), CommitError> {
        let mut state = self.lock();
        loop {
            if let Some(fate) = state.fate(sequence) {
                return fate;
            }
            state = self.settled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The same without blocking the thread.
    pub(super) async fn settled(&self, sequence: u64) -> Result<(), CommitError> {
        loop {
            // Made before the look, so that no change falls between.
            let changed = self.settled_async.notified();
            if let Some(fate) = self.lock().fate(sequence) {
                return fate;
            }
            changed.await;
        }
    }

    fn wake(&self) {
        self.settled.notify_all();
        self.settled_async.notify_waiters();
    }
}

impl State {
    fn is_empty(&self) -> bool {
        self.next == self.durable || self.frames.len() <= MARK_BYTES
    }

    /// Whether it is known what became of a record.
    fn fate(&self, sequence: u64) -> Option<Result<(), CommitError>> {
        if sequence < self.durable {
            return Some(Ok(()));
        }
        self.failed.clone().map(Err)
    }
}
