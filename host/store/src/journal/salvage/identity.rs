//! The id of a journal, of which every checksum depends.

use memchr::memmem::Finder;

use super::super::frame::{FRAME_BYTES, HEADER_BYTES, Head, ID_BYTES, Id, MARK, MARK_BYTES};
use super::super::scan::frame_at;

/// Where the id stands in a header.
const HEADER_ID_AT: usize = 12;
/// Where the length stands in a frame, with the kind behind it.
const LENGTH_AT: usize = 4;

/// The id, and whether the header is whole that says it; none if nothing says
/// it any more.
///
/// Each mark repeats the id, and is whole under the id that it says. But a guest
/// can hand in a result that holds a mark of its own making. So what the header
/// says goes first if the first record is whole under it, then a mark that the
/// first record is whole under, since nothing of a guest stands there, then the
/// first mark, since each group of records begins with one.
pub(super) fn identity(bytes: &[u8]) -> Option<(Id, bool)> {
    let header = bytes.first_chunk::<HEADER_BYTES>();
    if let Some(id) = header.and_then(|header| Id::from_header(header).ok()) {
        return Some((id, true));
    }
    let is_first_whole = |id: &Id| frame_at(*id, bytes, HEADER_BYTES, 0).is_some();
    let said = bytes
        .get(HEADER_ID_AT..)
        .and_then(<[u8]>::first_chunk)
        .copied()
        .map(Id);
    let found = said
        .filter(is_first_whole)
        .or_else(|| marks(bytes).find(is_first_whole))
        .or_else(|| marks(bytes).find(|mark| Some(*mark) == said))
        .or_else(|| marks(bytes).next())
        .or(said);
    found.map(|id| (id, false))
}

/// The ids of all marks that are whole under their own id.
fn marks(bytes: &[u8]) -> impl Iterator<Item = Id> {
    let mut pattern = ((MARK_BYTES - FRAME_BYTES) as u32).to_le_bytes().to_vec();
    pattern.extend(MARK.to_le_bytes());
    let mut from = 0;
    let finder = Finder::new(&pattern).into_owned();
    std::iter::from_fn(move || {
        let at = from + finder.find(bytes.get(from..)?)?;
        from = at + 1;
        Some(
            at.checked_sub(LENGTH_AT)
                .and_then(|start| own_id(bytes.get(start..)?)),
        )
    })
    .flatten()
}

/// The id that a mark at the beginning of these bytes says.
fn own_id(bytes: &[u8]) -> Option<Id> {
    let (head, payload) = bytes.get(..MARK_BYTES)?.split_first_chunk::<FRAME_BYTES>()?;
    let id = Id(*payload.first_chunk::<ID_BYTES>()?);
    id.is_whole(&Head::read(head)?, payload).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(own: Id, guest: &[u8]) -> Vec<u8> {
        let mut bytes = own.header().to_vec();
        let frame = |bytes: &mut Vec<u8>, sequence, payload: &[u8]| {
            let pushed = own.push_frame(sequence, bytes, |to| {
                to.extend_from_slice(payload);
                Ok::<_, ()>(7)
            });
            pushed.unwrap();
        };
        frame(&mut bytes, 0, b"started");
        let durable = bytes.len() as u64;
        bytes.extend(own.mark(1, durable));
        frame(&mut bytes, 1, guest);
        bytes
    }

    #[test]
    fn a_mark_says_what_a_damaged_header_does_not_and_a_guests_mark_is_not_believed() {
        let (own, guests) = (Id([7; 16]), Id([66; 16]));
        let forged = [guests.header().to_vec(), guests.mark(0, 0), guests.mark(1, 2)].concat();
        let whole = journal(own, &forged);
        assert_eq!(identity(&whole), Some((own, true)));
        for damaged in [0..1, 9..10, 14..15, 0..32] {
            let mut bytes = whole.clone();
            bytes[damaged.clone()].iter_mut().for_each(|byte| *byte ^= 0x20);
            assert_eq!(identity(&bytes), Some((own, false)), "{damaged:?}");
            bytes[40] ^= 1;
            assert_eq!(
                identity(&bytes),
                Some((own, false)),
                "{damaged:?} and the first record"
            );
        }
        assert_eq!(identity(b"short"), None);
    }
}
