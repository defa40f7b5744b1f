//! A guest's standard output and error: kept up to a size, then counted.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use super::lines::Collector;
use fusebox_types::{Level, Line};

/// How much a guest may write at once, in bytes.
const WRITE_BYTES: usize = 4096;

/// One stream; its clones write to the same place.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    written: Arc<Mutex<Written>>,
    limit: usize,
}

#[derive(Debug, Default)]
struct Written {
    kept: Vec<u8>,
    dropped: u64,
}

impl Stream {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            written: Arc::default(),
            limit,
        }
    }

    fn put(&self, bytes: &[u8]) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.limit.saturating_sub(written.kept.len());
        let (fits, over) = bytes.split_at(room.min(bytes.len()));
        written.kept.extend_from_slice(fits);
        written.dropped = written.dropped.saturating_add(over.len() as u64);
    }

    /// Turns what was written into lines.
    pub(super) fn drain(&self, level: Level, lines: &mut Collector) {
        let mut written = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        let line = |message: String| Line {
            level,
            message,
            fields: Vec::new(),
        };
        if written.dropped > 0 {
            lines.trim_cut(&mut written.kept);
        }
        for text in String::from_utf8_lossy(&written.kept).lines() {
            lines.push(line(text.to_owned()));
        }
        if written.dropped > 0 {
            lines.note(line(format!(
                "{} more bytes were dropped: over `limits.log`",
                written.dropped
            )));
        }
    }
}

impl IsTerminal for Stream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Stream {
    /// Asked for by a later version of the standard world, which is not linked.
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Stream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.put(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES)
    }
}

#[async_trait]
impl Pollable for Stream {
    async fn ready(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_and_what_was_dropped_is_said() {
        let stream = Stream::new(10);
        stream.put(b"one\ntwo\n");
        stream.put(b"three\n");
        let mut lines = Collector::new(1000, None);
        stream.drain(Level::Info, &mut lines);
        let said: Vec<_> = lines
            .into_lines()
            .kept
            .into_iter()
            .map(|line| line.message)
            .collect();
        assert_eq!(
            said,
            ["one", "two", "th", "4 more bytes were dropped: over `limits.log`"]
        );
    }
}
