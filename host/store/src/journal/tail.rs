//! Whether what cannot be read was durable once.

use std::io::{self, Read, Seek, SeekFrom};

use memchr::memmem::Finder;

use super::frame::{FRAME_BYTES, Head, Id, MARK, MARK_BYTES, MARK_ID_AT};

/// How much is looked at together.
const WINDOW: usize = 64 << 10;

/// Looks behind `offset`, where the records end, for a mark which says that the
/// file was on the disk beyond it. If there is one, bytes that were durable are
/// not what they were. If there is none, they were still being written: the
/// system may have put a later page on the disk before an earlier one.
pub(super) fn durable_beyond<F: Read + Seek>(
    file: &mut F,
    id: Id,
    offset: u64,
    length: u64,
) -> io::Result<bool> {
    let finder = Finder::new(&id.0);
    file.seek(SeekFrom::Start(offset))?;
    let mut rest = file.take(length - offset);
    let mut window = Vec::with_capacity(WINDOW + MARK_BYTES);
    loop {
        let before = window.len();
        (&mut rest).take(WINDOW as u64).read_to_end(&mut window)?;
        if window.len() == before {
            return Ok(false);
        }
        for at in finder.find_iter(&window) {
            if mark_at(id, &window, at).is_some_and(|durable| durable > offset) {
                return Ok(true);
            }
        }
        // A mark may lie across the end of the window.
        let seen = window.len().saturating_sub(MARK_BYTES - 1);
        window.drain(..seen);
    }
}

/// What the mark says whose id is at this place, if it is a whole one.
fn mark_at(id: Id, window: &[u8], at: usize) -> Option<u64> {
    let start = at.checked_sub(MARK_ID_AT)?;
    let mark = window.get(start..start + MARK_BYTES)?;
    let (head, payload) = mark.split_first_chunk::<FRAME_BYTES>()?;
    let head = Head::read(head)?;
    (head.kind == MARK && id.is_whole(&head, payload))
        .then(|| id.read_mark(payload))
        .flatten()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_mark_is_found_wherever_it_lies() {
        let id = Id([0xa5; 16]);
        for before in [0, 1, WINDOW - MARK_BYTES, WINDOW - 1, WINDOW, WINDOW + 7] {
            let mut bytes = vec![0x11; before];
            bytes.extend(id.mark(3, 100));
            bytes.extend([0xa5; 100]);
            let found = |offset| {
                let length = bytes.len() as u64;
                let mut shifted = vec![0; offset as usize];
                shifted.extend(&bytes);
                durable_beyond(&mut Cursor::new(shifted), id, offset, length + offset).unwrap()
            };
            assert!(found(99), "{before} bytes before");
            assert!(!found(100), "it was durable up to there, not beyond");
        }
    }
}
