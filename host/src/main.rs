//! Arguments, configuration, command, exit code.

use std::process::ExitCode;

use clap::Parser;

/// What one thread allocates for an event, another frees: the system's
/// allocator makes both wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fusebox::engine::serve_compile_child();
    match fusebox::command::main(fusebox::command::Arguments::parse()) {
        Ok(exit) => exit.into(),
        Err(fault) => {
            // Where standard error is gone, the exit code still says it.
            let _ = fault.print(&mut anstream::stderr());
            fault.exit.into()
        }
    }
}
