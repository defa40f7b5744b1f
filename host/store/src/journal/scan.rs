//! Whole frames in bytes that are not all what they were.

use super::frame::{FRAME_BYTES, Head, Id, MAX_PAYLOAD};

/// The most records that can be missing between two frames. What says more is no
/// frame.
const MOST_MISSING: u64 = 1 << 32;

/// A whole frame, and where it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) at: usize,
    pub(super) head: Head,
}

impl Frame {
    /// Where it ends.
    pub(super) fn end(&self) -> usize {
        self.at + FRAME_BYTES + self.head.length as usize
    }

    /// What it holds.
    pub(super) fn payload<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.at + FRAME_BYTES..self.end()).unwrap_or_default()
    }
}

/// The frame of this journal that begins at this place, if it is whole and its
/// sequence is `next` or a later one.
pub(super) fn frame_at(id: Id, bytes: &[u8], at: usize, next: u64) -> Option<Frame> {
    let (head, rest) = bytes.get(at..)?.split_first_chunk::<FRAME_BYTES>()?;
    let head = Head::read(head)?;
    let length = head.length as usize;
    let missing = head.sequence.checked_sub(next)?;
    if length > MAX_PAYLOAD || missing > MOST_MISSING {
        return None;
    }
    let payload = rest.get(..length)?;
    id.is_whole(&head, payload).then_some(Frame { at, head })
}

/// The first such frame at this place or behind it. Checksums begin with the
/// journal's id, which no guest knows, so what a guest has handed in is not
/// taken for one.
pub(super) fn next_frame(id: Id, bytes: &[u8], at: usize, next: u64) -> Option<Frame> {
    (at..bytes.len()).find_map(|at| frame_at(id, bytes, at, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_whole_frame_is_found_behind_what_is_damaged() {
        let id = Id([9; 16]);
        let frame = |sequence: u64| {
            let mut bytes = Vec::new();
            let payload = |to: &mut Vec<u8>| {
                to.extend_from_slice(b"some payload");
                Ok::<_, ()>(7)
            };
            id.push_frame(sequence, &mut bytes, payload).unwrap();
            bytes
        };
        let mut bytes = [frame(3), frame(4), frame(5)].concat();
        let length = frame(3).len();
        let found = |bytes: &[u8], next| next_frame(id, bytes, 0, next).map(|frame| frame.at);
        assert_eq!(found(&bytes, 3), Some(0));
        assert_eq!(found(&bytes, 4), Some(length), "what came before is no more");
        bytes[length / 2] ^= 1;
        assert_eq!(found(&bytes, 3), Some(length));
        assert_eq!(found(&bytes[..2 * length - 1], 3), None);
        assert!(next_frame(Id([8; 16]), &bytes, 0, 0).is_none());
    }
}
