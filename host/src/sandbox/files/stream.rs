//! Streams of files.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use rustix::io::Errno;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynInputStream, InputStream, Pollable, StreamError, StreamResult};

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
