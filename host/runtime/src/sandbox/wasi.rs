//! The standard world, closed.
//!
//! Clocks, randomness and waiting are there, because a language's standard
//! library cannot start without them and they reach nothing. Arguments,
//! standard input, files and network are empty or refused. The environment
//! holds what was granted, and nothing of the host's own.
//! Standard output and error become lines of the attempt's log.

use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::lines::Collector;
use super::state::State;
use super::streams::Stream;
use fusebox_types::Level;

/// Bytes of randomness that one call may ask for.
const MAX_RANDOM_BYTES: u64 = 64 << 10;

/// What the guest writes to its standard streams.
pub(super) struct Streams {
    stdout: Stream,
    stderr: Stream,
}

/// A closed context whose streams hold as much as the log may.
fn closed(log_bytes: usize, environment: &[(String, String)]) -> (WasiCtx, Streams) {
    let streams = Streams {
        stdout: Stream::new(log_bytes),
        stderr: Stream::new(log_bytes),
    };
    let ctx = WasiCtxBuilder::new()
        .stdout(streams.stdout.clone())
        .stderr(streams.stderr.clone())
        .envs(environment)
        .max_random_size(MAX_RANDOM_BYTES)
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .build();
    (ctx, streams)
}

impl WasiView for State {
    /// What the standard world is called on: one more call.
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.account.count();
        let log_bytes = usize::try_from(self.limits.log).unwrap_or(usize::MAX);
        let environment = self
            .granted
            .as_ref()
            .map_or(&[][..], |granted| &granted.environment);
        let (ctx, _) = self.wasi.get_or_insert_with(|| closed(log_bytes, environment));
        WasiCtxView {
            ctx,
            table: &mut self.table,
        }
    }
}

impl Streams {
    /// Turns what was written into lines.
    pub(super) fn drain(self, lines: &mut Collector) {
        self.stdout.drain(Level::Info, lines);
        self.stderr.drain(Level::Warn, lines);
    }
}
