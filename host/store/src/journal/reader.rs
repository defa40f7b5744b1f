//! Records from the disk, one after the other, in bounded memory.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::error::JournalError;
use super::frame::{FRAME_BYTES, HEADER_BYTES, Head, Id, MARK, MAX_PAYLOAD};
use super::record::{OPTIONAL, Record};
use super::scan::next_frame;
use super::tail;

/// A torn tail: what was being written when the host ended. Nobody was told of
/// anything in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Torn {
    /// Where it begins.
    pub offset: u64,
    /// How long it is.
    pub bytes: u64,
}

/// Reads a journal from its beginning.
#[derive(Debug)]
pub struct Reader {
    file: BufReader<File>,
    path: PathBuf,
    id: Id,
    /// The file's length when it was opened; a live journal grows meanwhile.
    length: u64,
    offset: u64,
    next: u64,
    payload: Vec<u8>,
    torn: Option<Torn>,
}

/// What stands at an offset.
enum Found {
    Frame(Head),
    /// Nothing, or not all of a frame, or something else.
    Bad(&'static str),
}

impl Reader {
    /// Opens a journal's file and reads its header.
    ///
    /// # Errors
    /// If it cannot be read, is no journal, or is of a newer version.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let io = |source| JournalError::Unread {
            path: path.to_owned(),
            source,
        };
        let file = fusebox_system::regular_file::open_own(path).map_err(|source| match source.kind() {
            ErrorKind::NotFound => JournalError::none(path.parent().unwrap_or(path)),
            _ => io(source),
        })?;
        let length = file.metadata().map_err(io)?.len();
        let mut file = BufReader::with_capacity(256 << 10, file);
        let mut header = [0; HEADER_BYTES];
        file.read_exact(&mut header)
            .map_err(|source| match source.kind() {
                ErrorKind::UnexpectedEof => JournalError::Foreign(path.to_owned()),
                _ => io(source),
            })?;
        let id = Id::from_header(&header).map_err(|bad| JournalError::header(path, bad))?;
        Ok(Self {
            file,
            path: path.to_owned(),
            id,
            length,
            offset: HEADER_BYTES as u64,
            next: 0,
            payload: Vec::new(),
            torn: None,
        })
    }

    /// The next record; none at the end, or where a torn tail begins.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or is of a newer version. The
    /// records before were good.
    pub fn next_record(&mut self) -> Result<Option<Record>, JournalError> {
        while self.torn.is_none() && self.offset < self.length {
            let head = match self.frame().map_err(|source| self.io(source))? {
                Found::Frame(head) => head,
                Found::Bad(why) => {
                    self.end_at_tail(why)?;
                    break;
                }
            };
            let at = self.offset;
            self.offset += (FRAME_BYTES + self.payload.len()) as u64;
            if head.kind == MARK {
                continue;
            }
            self.next += 1;
            if let Some(record) = self.record(head.kind, at)? {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// The torn tail, if the records have ended there.
    pub fn torn(&self) -> Option<Torn> {
        self.torn
    }

    pub(super) fn id(&self) -> Id {
        self.id
    }

    /// Where the good records end, and the sequence of the next.
    pub(super) fn end(&self) -> (u64, u64) {
        (self.offset, self.next)
    }

    /// Whether anything is whole behind the place where the records end.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn is_whole_behind(&mut self) -> Result<bool, JournalError> {
        let (id, next, offset) = (self.id, self.next, self.offset);
        let file = self.file.get_mut();
        let mut rest = Vec::new();
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| {
                file.take(self.length.saturating_sub(offset))
                    .read_to_end(&mut rest)
            })
            .map_err(|source| self.io(source))?;
        Ok(next_frame(id, &rest, 0, next).is_some())
    }

    /// Reads the frame at the offset; its payload is in `self.payload` then.
    fn frame(&mut self) -> io::Result<Found> {
        let left = self.length - self.offset;
        if left < FRAME_BYTES as u64 {
            return Ok(Found::Bad("a frame is cut off"));
        }
        let mut head = [0; FRAME_BYTES];
        self.file.read_exact(&mut head)?;
        let Some(head) = Head::read(&head) else {
            return Ok(Found::Bad("a frame is cut off"));
        };
        let length = head.length as usize;
        if length > MAX_PAYLOAD {
            return Ok(Found::Bad("a frame's length cannot be"));
        }
        if length as u64 > left - FRAME_BYTES as u64 {
            return Ok(Found::Bad("a frame is cut off"));
        }
        self.payload.resize(length, 0);
        self.file.read_exact(&mut self.payload)?;
        if !self.id.is_whole(&head, &self.payload) {
            return Ok(Found::Bad("a checksum does not fit"));
        }
        if head.sequence != self.next {
            return Ok(Found::Bad("a record is missing or comes twice"));
        }
        Ok(Found::Frame(head))
    }

    /// What stands at the offset is no frame: a torn tail, or damage to what was
    /// durable.
    fn end_at_tail(&mut self, why: &'static str) -> Result<(), JournalError> {
        let offset = self.offset;
        let durable = tail::durable_beyond(self.file.get_mut(), self.id, offset, self.length)
            .map_err(|source| self.io(source))?;
        if durable {
            let path = self.path.clone();
            return Err(JournalError::Damaged { path, offset, why });
        }
        let bytes = self.length - offset;
        self.torn = Some(Torn { offset, bytes });
        Ok(())
    }

    fn record(&self, kind: u16, offset: u64) -> Result<Option<Record>, JournalError> {
        let path = || self.path.clone();
        match Record::decode(kind, &self.payload) {
            Ok(None) if kind < OPTIONAL => Err(JournalError::UnknownKind {
                path: path(),
                offset,
                kind,
            }),
            Ok(record) => Ok(record),
            Err(source) => Err(JournalError::Record {
                path: path(),
                offset,
                source,
            }),
        }
    }

    /// The error for records that are whole but cannot be a session's.
    pub(super) fn damaged(&self, offset: u64, why: &'static str) -> JournalError {
        JournalError::Damaged {
            path: self.path.clone(),
            offset,
            why,
        }
    }

    fn io(&self, source: io::Error) -> JournalError {
        JournalError::Unread {
            path: self.path.clone(),
            source,
        }
    }
}
