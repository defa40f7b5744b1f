//! Streams of files.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use rustix::io::Errno;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};

use super::mount::Mount;
use super::refusal::Refusals;
use super::slots::Slot;

/// What one read ahead may hold for a guest, in bytes: it may open as many
/// streams as it may have handles and read from none of them.
const AHEAD: usize = 16 << 10;

/// That a file is open, through this stream too.
pub(super) struct Open {
    pub(super) _file: Option<Arc<Slot>>,
    pub(super) _stream: Slot,
}

/// A file that is read, of which little is held for the guest.
pub(super) struct ReadStream {
    pub(super) stream: DynInputStream,
    pub(super) _open: Open,
}

#[async_trait]
impl InputStream for ReadStream {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.stream.read(size.min(AHEAD))
    }

    /// All that is read is handed over at once.
    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.stream.blocking_read(size).await
    }

    async fn cancel(&mut self) {
        self.stream.cancel().await;
    }
}

#[async_trait]
impl Pollable for ReadStream {
    async fn ready(&mut self) {
        self.stream.ready().await;
    }
}

/// A file that is written, as far as there is room.
pub(super) struct WriteStream {
    pub(super) stream: DynOutputStream,
    pub(super) mount: Arc<Mount>,
    /// Bytes between the file's end and where it is written, until they are
    /// paid for.
    pub(super) gap: u64,
    pub(super) refusals: Refusals,
    pub(super) _open: Open,
}

#[async_trait]
impl OutputStream for WriteStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let added = self.gap.saturating_add(bytes.len() as u64);
        let taken = self.mount.room.as_ref().map_or(Ok(()), |room| room.write(added));
        if let Err(full) = taken {
            self.refusals.note(&self.refusals.full(&self.mount, full));
            // A disk that is full is what programs know.
            let error = io::Error::from(Errno::NOSPC);
            return Err(StreamError::LastOperationFailed(error.into()));
        }
        self.gap = 0;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.stream.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.stream.check_write()
    }

    async fn cancel(&mut self) {
        self.stream.cancel().await;
    }
}

#[async_trait]
impl Pollable for WriteStream {
    async fn ready(&mut self) {
        self.stream.ready().await;
    }
}
