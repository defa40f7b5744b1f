//! Who appends to a journal, and who waits for it.

use std::sync::Arc;

use super::error::CommitError;
use super::queue::Queue;
use super::record::Record;

/// Appends records to a journal, from any thread; cheap to clone.
#[derive(Debug, Clone)]
pub struct Appender {
    pub(super) queue: Arc<Queue>,
}

impl Appender {
    /// Appends a record, which is soon on the disk. Blocks while too much is on
    /// its way.
    ///
    /// # Errors
    /// If the record cannot be taken.
    pub fn append(&self, record: &Record) -> Result<Ticket, CommitError> {
        let sequence = self.queue.push(record, false)?;
        let queue = self.queue.clone();
        Ok(Ticket { queue, sequence })
    }

    /// Appends a record that somebody waits for: it goes to the disk at once.
    /// Never blocks. Such records are few: no more than tasks are under way.
    ///
    /// # Errors
    /// If the record cannot be taken.
    pub fn append_urgent(&self, record: &Record) -> Result<Ticket, CommitError> {
        let sequence = self.queue.push(record, true)?;
        let queue = self.queue.clone();
        Ok(Ticket { queue, sequence })
    }
}

/// A record that is on its way to the disk, with all that were appended before
/// it.
#[derive(Debug, Clone)]
#[must_use = "nobody may be told of a record before it is durable"]
pub struct Ticket {
    queue: Arc<Queue>,
    sequence: u64,
}

impl Ticket {
    /// Blocks until the record is on the disk.
    ///
    /// # Errors
    /// If it never will be, as far as anybody knows: it is not to be told of.
    pub fn wait(self) -> Result<(), CommitError> {
        self.queue.wait(self.sequence)
    }

    /// Waits until the record is on the disk, without blocking the thread.
    ///
    /// # Errors
    /// As for [`Ticket::wait`].
    pub async fn durable(self) -> Result<(), CommitError> {
        self.queue.settled(self.sequence).await
    }
}
