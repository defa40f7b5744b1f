//! A new journal of what is intact, in the place of a damaged one.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::super::error::{CommitError, JournalError};
use super::super::frame::Id;
use super::super::open::{DRAFT, FILE, random};
use super::super::record::{Record, Started};
use super::sift::{Piece, Sifted};
use fusebox_system::durable;

/// Bytes of frames between two marks.
const BETWEEN_MARKS: usize = 256 << 10;
/// The name of a damaged journal that stays, with a number behind it.
const DAMAGED: &str = "journal.damaged";

/// Puts the new journal in place; gives the path under which the old one stays.
/// Whenever the host ends meanwhile, one of them is the journal.
pub(super) fn replace(
    session: &Path,
    old: &[u8],
    sifted: &Sifted,
    started: Started,
) -> Result<PathBuf, JournalError> {
    let io = |source| JournalError::Io {
        path: session.join(FILE),
        source,
    };
    let id = Id(random().map_err(io)?);
    let bytes = Rewrite::new(id).all(old, sifted, started)?;
    let kept = keep(session, old).map_err(io)?;
    durable::replace(session, DRAFT, FILE, &[&bytes]).map_err(io)?;
    Ok(kept)
}

/// The damaged journal under a name of its own, on the disk: the same file, or a
/// copy where the file system has no links.
fn keep(session: &Path, old: &[u8]) -> io::Result<PathBuf> {
    let path = session.join(FILE);
    for number in 1_u32.. {
        let name = format!("{DAMAGED}-{number}");
        let kept = session.join(&name);
        match fs::hard_link(&path, &kept) {
            Ok(()) => durable::sync_folder(session)?,
            // An earlier salvage came as far as here.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if !is_same(&path, &kept)? {
                    continue;
                }
            }
            Err(_) => durable::replace_with(session, DRAFT, &name, |file| file.write_all(old))?,
        }
        return Ok(kept);
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    let identity = |path| fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()));
    Ok(identity(one)? == identity(other)?)
}

/// A journal in memory.
struct Rewrite {
    id: Id,
    bytes: Vec<u8>,
    next: u64,
    marked: usize,
}

impl Rewrite {
    fn new(id: Id) -> Self {
        let bytes = id.header().to_vec();
        Self {
            id,
            bytes,
            next: 0,
            marked: 0,
        }
    }

    fn all(mut self, old: &[u8], sifted: &Sifted, started: Started) -> Result<Vec<u8>, CommitError> {
        self.push(|to| Record::Started(started).encode(to))?;
        self.mark();
        for piece in &sifted.pieces {
            match piece {
                // The first one stands there already.
                Piece::Record(frame) if frame.head.sequence == 0 => {}
                Piece::Record(frame) => self.push(|to| {
                    to.extend_from_slice(frame.payload(old));
                    Ok(frame.head.kind)
                })?,
                Piece::Gap(gap) => self.push(|to| Record::Gap(gap.clone()).encode(to))?,
            }
            if self.bytes.len() - self.marked > BETWEEN_MARKS {
                self.mark();
            }
        }
        self.mark();
        Ok(self.bytes)
    }

    fn push(
        &mut self,
        payload: impl FnOnce(&mut Vec<u8>) -> Result<u16, CommitError>,
    ) -> Result<(), CommitError> {
        self.id.push_frame(self.next, &mut self.bytes, payload)?;
        self.next += 1;
        Ok(())
    }

    fn mark(&mut self) {
        self.marked = self.bytes.len();
        let mark = self.id.mark(self.next, self.marked as u64);
        self.bytes.extend(mark);
    }
}
