//! How long a journal has been on the disk: said beside it, so that one that was
//! cut between two frames is known to have been longer.
//!
//! ```text
//! id [16] | length u64 | crc u32
//! ```
//!
//! Written over in place after each sync of the journal, and not synced itself:
//! what it says may be out of date, and after a power cut it may say nothing,
//! but it never says more than was durable.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::frame::Id;
use fusebox_system::regular_file::Folder;

/// The file, in the session's directory.
pub(super) const FILE: &str = "journal.end";
const BYTES: usize = 28;

/// What says it. Where that cannot be written nothing is said, and nothing is
/// lost but a warning.
#[derive(Debug)]
pub(super) struct End {
    id: Id,
    file: Option<File>,
}

impl End {
    /// For the journal of this id in a session's directory.
    pub(super) fn open(session: &Path, id: Id) -> Self {
        let file = Folder::open(session).and_then(|folder| folder.change(FILE));
        let file = file.ok();
        Self { id, file }
    }

    /// All of the journal up to this length is on the disk.
    pub(super) fn say(&mut self, length: u64) {
        let bytes = encode(self.id, length);
        if self
            .file
            .as_ref()
            .is_some_and(|file| file.write_all_at(&bytes, 0).is_err())
        {
            self.file = None;
        }
    }
}

/// How long the journal of this id has been, if that was said and is whole.
pub(super) fn said(session: &Path, id: Id) -> Option<u64> {
    let mut bytes = [0; BYTES];
    let mut file = Folder::open(session).ok()?.file(FILE).ok()?;
    file.read_exact(&mut bytes).ok()?;
    let length = bytes.get(16..24)?.try_into().ok().map(u64::from_le_bytes)?;
    (encode(id, length) == bytes).then_some(length)
}

fn encode(id: Id, length: u64) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    let length = length.to_le_bytes();
    let crc = id.checksum(&[&length]).to_le_bytes();
    let all = id.0.iter().chain(&length).chain(&crc);
    bytes.iter_mut().zip(all).for_each(|(to, from)| *to = *from);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_read_for_the_same_journal_and_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let (own, other) = (Id([1; 16]), Id([2; 16]));
        assert_eq!(said(dir.path(), own), None);
        let mut end = End::open(dir.path(), own);
        end.say(70);
        end.say(500);
        assert_eq!(
            (said(dir.path(), own), said(dir.path(), other)),
            (Some(500), None)
        );
        let path = dir.path().join(FILE);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut torn = whole.clone();
            torn[at] ^= 4;
            std::fs::write(&path, torn).unwrap();
            assert_eq!(said(dir.path(), own), None, "byte {at}");
            std::fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(said(dir.path(), own), None, "cut at {at}");
        }
    }

    #[test]
    fn where_it_cannot_be_written_nothing_is_said() {
        let mut end = End::open(Path::new("/proc/none"), Id([1; 16]));
        end.say(70);
        assert_eq!(said(Path::new("/proc/none"), Id([1; 16])), None);
    }
}
