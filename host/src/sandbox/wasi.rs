//! The standard world, closed.
//!
//! Clocks, randomness and waiting are there, because a language's standard
//! library cannot start without them and they reach nothing. Arguments,
//! environment, standard input, files and network are empty or refused.
//! Standard output and error become lines of the attempt's log.

use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::lines::{Collector, Level, Line};
use super::state::State;

/// Bytes of randomness that one call may ask for.
const MAX_RANDOM_BYTES: u64 = 64 << 10;

/// What the guest writes to its standard streams.
pub(super) struct Streams {
    stdout: MemoryOutputPipe,
    stderr: MemoryOutputPipe,
}

/// A closed context whose streams hold as much as the log may.
fn closed(log_bytes: usize) -> (WasiCtx, Streams) {
    let streams = Streams {
        stdout: MemoryOutputPipe::new(log_bytes),
        stderr: MemoryOutputPipe::new(log_bytes),
    };
    let ctx = WasiCtxBuilder::new()
        .stdout(streams.stdout.clone())
        .stderr(streams.stderr.clone())
        .max_random_size(MAX_RANDOM_BYTES)
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .build();
    (ctx, streams)
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let log_bytes = usize::try_from(self.limits.log).unwrap_or(usize::MAX);
        let (ctx, _) = self.wasi.get_or_insert_with(|| closed(log_bytes));
        WasiCtxView {
            ctx,
            table: &mut self.table,
        }
    }
}

impl Streams {
    /// Turns what was written into lines.
    pub(super) fn drain(self, lines: &mut Collector) {
        for (pipe, level) in [(self.stdout, Level::Info), (self.stderr, Level::Warn)] {
            let bytes = pipe.contents();
            for text in String::from_utf8_lossy(&bytes).lines() {
                lines.push(Line {
                    level,
                    message: text.to_owned(),
                    fields: Vec::new(),
                });
            }
        }
    }
}
