use super::*;

#[test]
fn a_header_says_what_it_is() {
    let id = Id([7; 16]);
    let header = id.header();
    assert_eq!(Id::from_header(&header), Ok(id));
    let mut foreign = header;
    foreign[0] ^= 1;
    assert_eq!(Id::from_header(&foreign), Err(BadHeader::Foreign));
    let mut newer = header;
    newer[8] = 2;
    assert_eq!(Id::from_header(&newer), Err(BadHeader::Newer(2)));
    for at in [12, 20, 31] {
        let mut damaged = header;
        damaged[at] ^= 0x10;
        assert_eq!(Id::from_header(&damaged), Err(BadHeader::Damaged), "byte {at}");
    }
}

#[test]
fn a_frame_of_another_journal_is_not_whole() {
    let mut bytes = Vec::new();
    let payload = |to: &mut Vec<u8>| {
        to.extend_from_slice(b"payload");
        Ok::<_, ()>(5)
    };
    Id([1; 16]).push_frame(9, &mut bytes, payload).unwrap();
    let before = bytes.clone();
    let failed = Id([1; 16]).push_frame(10, &mut bytes, |to| {
        to.push(1);
        Err(())
    });
    assert_eq!((failed, &bytes), (Err(()), &before));
    let (head, payload) = bytes.split_first_chunk().unwrap();
    let head = Head::read(head).unwrap();
    assert_eq!((head.length, head.kind, head.sequence), (7, 5, 9));
    assert!(Id([1; 16]).is_whole(&head, payload));
    assert!(!Id([2; 16]).is_whole(&head, payload));
}
