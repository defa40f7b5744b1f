//! What a person hands over once: a file, or what another program writes into a
//! pipe, `/dev/stdin` say.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};

use super::{no_file, up_to, whole, without_waiting};

/// How long a pipe is waited for into which nobody writes yet.
const PATIENCE: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(10);

/// All that a file, a pipe, a terminal or a device has to say, if it is at most
/// so many bytes. A pipe is waited for as long as somebody may write into it.
///
/// # Errors
/// If it cannot be read, is larger, or nobody writes.
pub fn read_given(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut options = OpenOptions::new();
    let file = options.read(true).custom_flags(without_waiting()).open(path)?;
    let found = file.metadata()?;
    if found.is_file() {
        return whole(file, most);
    }
    if !speaks(&found) {
        return Err(no_file());
    }
    let may_be_late = found.file_type().is_fifo();
    let until = may_be_late.then(|| Instant::now() + PATIENCE);
    up_to(Given { file, until }, most)
}

/// Whether it can be read to an end and is no file.
pub fn speaks(found: &Metadata) -> bool {
    found.file_type().is_fifo() || found.file_type().is_char_device()
}

struct Given {
    file: File,
    /// How long a pipe without a writer is no end yet; none once it has spoken.
    until: Option<Instant>,
}

impl Read for Given {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.file.read(into) {
                Ok(0) if let Some(until) = self.until => {
                    if Instant::now() > until {
                        return Err(io::Error::other("it is a pipe into which nobody writes"));
                    }
                    sleep(TICK);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait()?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => {
                    self.until = None;
                    return read;
                }
            }
        }
    }
}

impl Given {
    /// Waits for whoever has the other end open: a program or a person.
    fn wait(&mut self) -> io::Result<()> {
        if !self.file.metadata()?.file_type().is_fifo() && !self.file.is_terminal() {
            return Err(io::Error::other("it is a device that says nothing"));
        }
        // There is somebody: an end is one from here on.
        self.until = None;
        match poll(&mut [PollFd::new(&self.file, PollFlags::IN)], None) {
            Err(error) if error != rustix::io::Errno::INTR => Err(error.into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn pipe(path: &Path) {
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, path, fifo, 0o600.into(), 0).unwrap();
    }

    #[test]
    fn a_pipe_is_read_while_somebody_writes_and_not_waited_for_without_end() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("pipe");
        pipe(&path);
        let error = read_given(&path, 100).unwrap_err().to_string();
        assert!(error.contains("nobody writes"), "{error}");
        std::thread::scope(|scope| {
            let late = scope.spawn(|| {
                sleep(Duration::from_millis(100));
                let mut to = OpenOptions::new().write(true).open(&path).unwrap();
                to.write_all(b"one ").unwrap();
                sleep(Duration::from_millis(100));
                to.write_all(b"two").unwrap();
            });
            assert_eq!(read_given(&path, 100).unwrap(), b"one two");
            late.join().unwrap();
        });
    }

    #[test]
    fn what_has_no_end_is_read_to_its_bound() {
        assert!(read_given(Path::new("/dev/zero"), 1000).is_err());
        assert_eq!(read_given(Path::new("/dev/null"), 1000).unwrap(), b"");
        assert!(read_given(Path::new("/"), 1000).is_err());
    }
}
