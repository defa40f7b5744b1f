//! Streams of files: the runtime's own, each of which works on a disk's thread.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use rustix::io::Errno;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};

use super::disk::{Disk, Lent};
use super::mount::Mount;
use super::refusal::Refusals;
use super::slots::Slot;
use crate::sandbox::account::Carried;
use crate::sandbox::charged::Charge;

/// What one read ahead may hold for a guest, in bytes: it may begin to read many
/// streams and never take what was read.
const AHEAD: usize = 16 << 10;

/// That a file is open, through this stream too.
pub(super) struct Open {
    pub(super) _file: Option<Arc<Slot>>,
    pub(super) _stream: Slot,
}

/// A file that is read, of which little is held for the guest.
pub(super) struct ReadStream {
    stream: Lent<DynInputStream, StreamResult<Bytes>>,
    /// What was read and not yet taken.
    read: Option<StreamResult<Bytes>>,
    disk: Disk,
    _open: Open,
}

impl ReadStream {
    pub(super) fn new(stream: DynInputStream, disk: Disk, open: Open) -> Self {
        Self {
            stream: Lent::Here(stream),
            read: None,
            disk,
            _open: open,
        }
    }

    /// Begins to read, unless something is there or on its way.
    fn begin(&mut self, size: usize) {
        if self.read.is_none() {
            self.stream
                .lend(&self.disk, async move |stream| stream.blocking_read(size).await);
        }
    }

    /// Hands over what was read, as much as is wanted.
    fn take(&mut self, size: usize) -> StreamResult<Bytes> {
        match self.read.take() {
            None => Ok(Bytes::new()),
            Some(Ok(mut bytes)) => {
                let taken = bytes.split_to(size.min(bytes.len()));
                self.read = (!bytes.is_empty()).then_some(Ok(bytes));
                Ok(taken)
            }
            Some(Err(error)) => {
                // What a stream says after an error, whatever that was.
                self.read = Some(Err(StreamError::Closed));
                Err(error)
            }
        }
    }
}

#[async_trait]
impl InputStream for ReadStream {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        // To read nothing would be taken for the file's end.
        if size > 0 {
            self.begin(size.min(AHEAD));
        }
        self.take(size)
    }

    /// All that is read is handed over at once.
    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size > 0 {
            self.begin(size);
            self.ready().await;
        }
        self.take(size)
    }

    async fn cancel(&mut self) {
        self.stream.give_up().await;
    }
}

#[async_trait]
impl Pollable for ReadStream {
    async fn ready(&mut self) {
        self.begin(AHEAD);
        if let Some(read) = self.stream.back().await {
            self.read = Some(read);
        }
    }
}

/// A file that is written.
pub(super) struct WriteStream {
    stream: Lent<DynOutputStream, StreamResult<()>>,
    /// Why the last write failed, until the guest is told.
    failed: Option<StreamError>,
    disk: Disk,
}

impl WriteStream {
    pub(super) fn new(stream: DynOutputStream, disk: Disk) -> Self {
        Self {
            stream: Lent::Here(stream),
            failed: None,
            disk,
        }
    }
}

#[async_trait]
impl OutputStream for WriteStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        match self.check_write()? {
            0 => Err(StreamError::trap(
                "a write is under way: `check-write` was not asked first",
            )),
            _ => {
                let work =
                    async move |stream: &mut DynOutputStream| stream.blocking_write_and_flush(bytes).await;
                self.stream.lend(&self.disk, work);
                Ok(())
            }
        }
    }

    /// Nothing is held back that could be sent on.
    fn flush(&mut self) -> StreamResult<()> {
        self.failed.take().map_or(Ok(()), Err)
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.flush()?;
        match &mut self.stream {
            Lent::Here(stream) => stream.check_write(),
            Lent::Away(_) => Ok(0),
            Lent::Lost => Err(StreamError::Closed),
        }
    }

    async fn cancel(&mut self) {
        self.stream.give_up().await;
    }
}

#[async_trait]
impl Pollable for WriteStream {
    async fn ready(&mut self) {
        if let Some(Err(error)) = self.stream.back().await {
            self.failed = Some(error);
        }
    }
}

/// What a stream that writes to a file is charged to: the room in its folder, and
/// the attempt's account.
pub(super) struct WriteCharge {
    pub(super) mount: Arc<Mount>,
    /// Bytes between the file's end and where it is written, until they are
    /// charged.
    pub(super) gap: u64,
    pub(super) account: Carried,
    pub(super) refusals: Refusals,
    pub(super) _open: Open,
}

impl Charge for WriteCharge {
    fn charge(&mut self, bytes: usize) -> StreamResult<()> {
        let added = self.gap.saturating_add(bytes as u64);
        let taken = self.mount.room.as_ref().map_or(Ok(()), |room| room.write(added));
        if let Err(full) = taken {
            self.refusals.note(&self.refusals.full(&self.mount, full));
            // A disk that is full is what programs know.
            let error = io::Error::from(Errno::NOSPC);
            return Err(StreamError::LastOperationFailed(error.into()));
        }
        self.gap = 0;
        self.account.charge(bytes)
    }
}
