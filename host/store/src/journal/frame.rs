//! Headers and frames as bytes.

use crc32fast::Hasher;

const MAGIC: &[u8; 8] = b"FUSEBOXJ";
/// The newest format that is known.
pub(super) const VERSION: u16 = 1;
/// The length of a file's header.
pub(super) const HEADER_BYTES: usize = 32;
/// The length of a frame without its payload.
pub(super) const FRAME_BYTES: usize = 18;
/// The most bytes of a payload. Results that are kept inline are far smaller.
pub(super) const MAX_PAYLOAD: usize = 1 << 20;
/// The length of a mark with its frame.
pub(super) const MARK_BYTES: usize = FRAME_BYTES + ID_BYTES + 8;
/// Where in its frame a mark repeats the journal's id.
pub(super) const MARK_ID_AT: usize = FRAME_BYTES;
/// The kind of a mark; records have others.
pub(super) const MARK: u16 = 1;

/// The length of an id.
pub(super) const ID_BYTES: usize = 16;

/// A journal's random id: its checksums begin with it, and its marks repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id(pub(super) [u8; ID_BYTES]);

/// Why a file's first bytes are no header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BadHeader {
    Foreign,
    Damaged,
    Newer(u16),
}

impl Id {
    pub(super) fn checksum(self, parts: &[&[u8]]) -> u32 {
        let mut hasher = Hasher::new_with_initial(crc32fast::hash(&self.0));
        parts.iter().for_each(|part| hasher.update(part));
        hasher.finalize()
    }

    /// The first bytes of a file.
    pub(super) fn header(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let mut rest = bytes.as_mut_slice();
        put(&mut rest, MAGIC);
        put(&mut rest, &VERSION.to_le_bytes());
        put(&mut rest, &[0; 2]);
        put(&mut rest, &self.0);
        let crc = self.checksum(&[MAGIC, &VERSION.to_le_bytes()]);
        put(&mut rest, &crc.to_le_bytes());
        bytes
    }

    /// Reads the first bytes of a file.
    pub(super) fn from_header(bytes: &[u8; HEADER_BYTES]) -> Result<Self, BadHeader> {
        let mut rest = bytes.as_slice();
        let magic: [u8; 8] = take(&mut rest).ok_or(BadHeader::Foreign)?;
        if magic != *MAGIC {
            return Err(BadHeader::Foreign);
        }
        let version = u16::from_le_bytes(take(&mut rest).ok_or(BadHeader::Foreign)?);
        // What a newer format has after its version, nobody knows here.
        if version > VERSION {
            return Err(BadHeader::Newer(version));
        }
        let _reserved: [u8; 2] = take(&mut rest).ok_or(BadHeader::Damaged)?;
        let id = Id(take(&mut rest).ok_or(BadHeader::Damaged)?);
        let crc = u32::from_le_bytes(take(&mut rest).ok_or(BadHeader::Damaged)?);
        if crc == id.checksum(&[MAGIC, &version.to_le_bytes()]) {
            Ok(id)
        } else {
            Err(BadHeader::Damaged)
        }
    }

    /// Adds a frame. `payload` adds its bytes and says its kind; if it fails,
    /// nothing is added.
    pub(super) fn push_frame<E>(
        self,
        sequence: u64,
        to: &mut Vec<u8>,
        payload: impl FnOnce(&mut Vec<u8>) -> Result<u16, E>,
    ) -> Result<(), E> {
        let start = to.len();
        to.resize(start + FRAME_BYTES, 0);
        let kind = match payload(to) {
            Ok(kind) => kind,
            Err(error) => {
                to.truncate(start);
                return Err(error);
            }
        };
        if let Some(mut frame) = to.get_mut(start..) {
            let length = frame.len() - FRAME_BYTES;
            let covered = frame.split_off_mut(4..).unwrap_or_default();
            let mut rest = &mut *covered;
            put(&mut rest, &(length as u32).to_le_bytes());
            put(&mut rest, &kind.to_le_bytes());
            put(&mut rest, &sequence.to_le_bytes());
            put(&mut frame, &self.checksum(&[covered]).to_le_bytes());
        }
        Ok(())
    }

    /// A mark: before the record of this sequence was written, the file was on
    /// the disk up to this offset.
    pub(super) fn mark(self, sequence: u64, durable: u64) -> Vec<u8> {
        let mut frame = Vec::with_capacity(MARK_BYTES);
        let Ok(()) = self.push_frame(sequence, &mut frame, |payload| {
            payload.extend_from_slice(&self.0);
            payload.extend_from_slice(&durable.to_le_bytes());
            Ok::<_, std::convert::Infallible>(MARK)
        });
        frame
    }

    /// What a mark's payload says, if it is one of this journal.
    pub(super) fn read_mark(self, payload: &[u8]) -> Option<u64> {
        let mut rest = payload;
        let id: [u8; ID_BYTES] = take(&mut rest)?;
        let durable = u64::from_le_bytes(take(&mut rest)?);
        (id == self.0).then_some(durable)
    }

    /// Whether a frame's bytes are what was written.
    pub(super) fn is_whole(self, head: &Head, payload: &[u8]) -> bool {
        let (length, kind) = (head.length.to_le_bytes(), head.kind.to_le_bytes());
        head.crc == self.checksum(&[&length, &kind, &head.sequence.to_le_bytes(), payload])
    }
}

/// What comes before a payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    crc: u32,
    pub(super) length: u32,
    pub(super) kind: u16,
    pub(super) sequence: u64,
}

impl Head {
    pub(super) fn read(bytes: &[u8; FRAME_BYTES]) -> Option<Self> {
        let mut rest = bytes.as_slice();
        Some(Self {
            crc: u32::from_le_bytes(take(&mut rest)?),
            length: u32::from_le_bytes(take(&mut rest)?),
            kind: u16::from_le_bytes(take(&mut rest)?),
            sequence: u64::from_le_bytes(take(&mut rest)?),
        })
    }
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(*taken)
}

fn put(to: &mut &mut [u8], bytes: &[u8]) {
    if let Some((place, rest)) = std::mem::take(to).split_at_mut_checked(bytes.len()) {
        place.copy_from_slice(bytes);
        *to = rest;
    }
}

#[cfg(test)]
mod tests;
