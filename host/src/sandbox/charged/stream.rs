//! A stream that a guest writes to, charged to its attempt.

use bytes::Bytes;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use crate::sandbox::account::Carried;

/// Another stream, and the account that is charged with what is written to it.
pub(in crate::sandbox) struct ChargedStream {
    stream: Box<dyn OutputStream>,
    account: Carried,
}

impl ChargedStream {
    pub(in crate::sandbox) fn new(stream: Box<dyn OutputStream>, account: Carried) -> Self {
        Self { stream, account }
    }
}

#[async_trait]
impl OutputStream for ChargedStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let charged = self.account.carry(bytes.len());
        charged.map_err(|stop| StreamError::Trap(stop.into()))?;
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
impl Pollable for ChargedStream {
    async fn ready(&mut self) {
        self.stream.ready().await;
    }
}
