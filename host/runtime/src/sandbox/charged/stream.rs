//! A stream that a guest writes to, and what is charged with it.

use bytes::Bytes;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynOutputStream, OutputStream, Pollable, StreamError, StreamResult};

use crate::sandbox::account::Carried;

/// What is charged with bytes before they are written.
pub(in crate::sandbox) trait Charge: Send + 'static {
    /// Charges so many.
    ///
    /// # Errors
    /// If they may not be written.
    fn charge(&mut self, bytes: usize) -> StreamResult<()>;
}

impl Charge for Carried {
    fn charge(&mut self, bytes: usize) -> StreamResult<()> {
        self.carry(bytes).map_err(|stop| StreamError::Trap(stop.into()))
    }
}

/// Another stream, and what is charged with all that is written to it.
pub(in crate::sandbox) struct ChargedStream<C> {
    stream: DynOutputStream,
    charged: C,
}

impl<C> ChargedStream<C> {
    pub(in crate::sandbox) fn new(stream: DynOutputStream, charged: C) -> Self {
        Self { stream, charged }
    }
}

#[async_trait]
impl<C: Charge> OutputStream for ChargedStream<C> {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.charged.charge(bytes.len())?;
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
impl<C: Charge> Pollable for ChargedStream<C> {
    async fn ready(&mut self) {
        self.stream.ready().await;
    }
}
