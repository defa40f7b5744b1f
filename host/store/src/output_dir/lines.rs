//! Files that grow by lines.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::{OutputDir, OutputError};

/// The longest end of a file in which a whole line is looked for, in bytes:
/// longer than any line that is written.
const END_BYTES: u64 = 1 << 20;

impl OutputDir {
    /// Opens a file to write behind the lines that it holds. One that a killed
    /// host had not written to its end is taken away.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn lines(&self, name: &str) -> Result<File, OutputError> {
        if !self.dir.has(name) {
            return self.file(name);
        }
        let opened = self.dir.extend(name);
        opened
            .and_then(|mut file| cut(&mut file).map(|()| file))
            .map_err(|source| self.error(name, source))
    }
}

/// Cuts off what stands behind the last line.
fn cut(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    let start = length.saturating_sub(END_BYTES);
    file.seek(SeekFrom::Start(start))?;
    let mut end = Vec::new();
    file.take(END_BYTES).read_to_end(&mut end)?;
    let whole = end.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    file.set_len(start + whole as u64)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn lines_are_written_behind_whole_ones() {
        let base = tempfile::tempdir().unwrap();
        let out = OutputDir::create(base.path()).unwrap();
        let read = || String::from_utf8(out.read("logs/x").unwrap()).unwrap();
        out.lines("logs/x").unwrap().write_all(b"one\ntwo\nhal").unwrap();
        out.lines("logs/x").unwrap().write_all(b"three\n").unwrap();
        assert_eq!(read(), "one\ntwo\nthree\n");
        out.lines("logs/x").unwrap().write_all(b"four\n").unwrap();
        assert_eq!(read(), "one\ntwo\nthree\nfour\n");
    }
}
