//! The program `fusebox`: arguments, configuration, command, exit code.
//!
//! ```text
//! main -> command: arguments -> configuration, log -> one file for each command
//!
//! run, resume                         plan -> Host::load -> SessionJournal: the journal
//!                                       -> Course: Host::launch -> Recorder::follow
//!                                            | each event: report, progress bar, notices
//!                                       -> board, summary
//! status, cancel, breaker, quarantine a live session, asked through its socket;
//!                                     breaker and quarantine also read a finished one
//! plugin, policy, config, explain     the library's answer, printed
//!
//! Ok(Exit) or Err(Fault) -> exit code
//! ```

#[macro_use]
mod say;

mod command;
mod log_lines;
mod progress;

use std::panic::resume_unwind;
use std::process::ExitCode;
use std::thread;

use clap::Parser;

/// What one thread allocates for an event, another frees: the system's
/// allocator makes both wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The stack of the thread that does everything, in bytes: what a program's first
/// thread commonly has.
const STACK: usize = 8 << 20;

/// A signal is heard by the first thread of a program. That one only waits, so that
/// Ctrl-C is heard even if a file system does not answer the others.
fn main() -> ExitCode {
    fusebox::engine::serve_compile_child();
    let thread = thread::Builder::new().name("fusebox-main".into());
    match thread.stack_size(STACK).spawn(run) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
        // A machine that has no thread left.
        Err(_) => run(),
    }
}

fn run() -> ExitCode {
    match command::main(command::Arguments::parse()) {
        Ok(exit) => exit.into(),
        Err(fault) => {
            // Where standard error is gone, the exit code still says it.
            let _ = fault.print(&mut anstream::stderr());
            fault.exit.into()
        }
    }
}
