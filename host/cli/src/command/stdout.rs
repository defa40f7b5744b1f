//! Standard output, for what a command answers.

use std::io::{self, ErrorKind, StdoutLock, Write};

use anstream::AutoStream;

/// Standard output. Where nobody reads on (`fusebox status | head`), the rest is
/// dropped, and the command ends as it would have ended.
pub(super) fn stdout() -> Stdout {
    Stdout(anstream::stdout().lock())
}

/// Prints a value on one line, as a program reads it and nobody is misled by it.
///
/// # Errors
/// If it cannot be written.
pub(super) fn print_json(out: &mut impl Write, value: &serde_json::Value) -> io::Result<()> {
    fusebox_system::json::to_writer(&mut *out, value)?;
    writeln!(out)
}

pub(super) struct Stdout(AutoStream<StdoutLock<'static>>);

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_nobody_reads(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        unless_nobody_reads(self.0.flush(), ())
    }
}

fn unless_nobody_reads<T>(done: io::Result<T>, dropped: T) -> io::Result<T> {
    match done {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(dropped),
        done => done,
    }
}
