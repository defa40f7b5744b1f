//! How the commands load plugins: within the bounds of the configuration, and
//! saying what takes long.

use std::io::{IsTerminal, Write};

use fusebox::agents::Registry;
use fusebox::config::Config;
use fusebox::engine::{Compiling, EngineOptions};
use fusebox_types::failure::printable;

/// How often a compile is told of where no line can be written over.
const LINE_EVERY_SECONDS: u64 = 10;

/// An engine within the bounds of a configuration. Long compiles are told of on
/// standard error, unless nothing is to be said there.
pub(super) fn watched(config: &Config, quiet: bool) -> EngineOptions {
    EngineOptions {
        loading: config.loading,
        on_compile: (!quiet).then_some(tell),
        ..EngineOptions::default()
    }
}

/// On a terminal one line that is written again each second, and is gone at the
/// end; else a line after two seconds, and every ten.
fn tell(compiling: &Compiling<'_>) {
    let seconds = compiling.elapsed.as_secs();
    let megabytes = compiling.bytes.div_ceil(1_000_000);
    let name = printable(compiling.name);
    let line = format!("compiling {name} ({megabytes} MB), {seconds} s");
    let mut out = std::io::stderr().lock();
    // Where standard error is gone there is nobody to tell.
    let _ = match (out.is_terminal(), compiling.is_over) {
        (true, true) => write!(out, "\r\x1b[K"),
        (true, false) => write!(out, "\r{line}\x1b[K"),
        (false, true) => Ok(()),
        (false, false) if seconds == 2 || seconds.is_multiple_of(LINE_EVERY_SECONDS) => {
            writeln!(out, "{line}")
        }
        (false, false) => Ok(()),
    };
    let _ = out.flush();
}

/// Says which agents' plugins did not say what they are. Their tasks will fail.
pub(super) fn say_unready(registry: &Registry) {
    for agent in registry.agents() {
        if let Err(failure) = agent.ready() {
            say!(
                "warning: agent {}: {}: {}; its tasks fail, the others run",
                agent.name,
                failure.code,
                printable(&failure.message)
            );
        }
    }
}
