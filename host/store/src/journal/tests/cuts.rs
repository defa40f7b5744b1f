//! A journal that ends anywhere.

use std::fs;

use proptest::prelude::*;

use super::super::frame::{FRAME_BYTES, HEADER_BYTES, Head, MARK};
use super::super::{FILE, Grouping, Journal, JournalError, recover};
use super::arbitrary::{record, states, task_ended, write};

/// Where each record ends.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let (mut at, mut ends) = (HEADER_BYTES, Vec::new());
    while at < bytes.len() {
        let head = Head::read(bytes[at..at + FRAME_BYTES].try_into().unwrap()).unwrap();
        at += FRAME_BYTES + head.length as usize;
        if head.kind != MARK {
            ends.push(at);
        }
    }
    ends
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Cut at every byte: what is recovered is the state after exactly the
    /// records that are whole, and a torn tail is said when something is left
    /// over.
    #[test]
    fn a_journal_cut_anywhere_gives_the_state_after_its_whole_records(
        groups in prop::collection::vec(prop::collection::vec(record(), 1..5), 0..5),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), &groups);
        let (bytes, states) = (fs::read(&path).unwrap(), states(&groups));
        let ends = ends(&bytes);
        prop_assert_eq!(ends.len(), states.len());
        for cut in ends[0]..=bytes.len() {
            fs::write(&path, &bytes[..cut]).unwrap();
            let mut recovered = recover(dir.path()).unwrap();
            let whole = ends.iter().filter(|end| **end <= cut).count();
            let torn = recovered.torn.take();
            prop_assert_eq!(&recovered, &states[whole - 1], "cut at {}", cut);
            let torn_end = torn.map_or(cut as u64, |torn| torn.offset + torn.bytes);
            prop_assert_eq!(torn_end, cut as u64);
        }
    }
}

/// Before its first record is on the disk, a journal has another name.
#[test]
fn a_journal_without_its_first_record_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &[]);
    let bytes = fs::read(&path).unwrap();
    for cut in 0..ends(&bytes)[0] {
        fs::write(&path, &bytes[..cut]).unwrap();
        assert!(recover(dir.path()).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_torn_tail_is_cut_off_and_said_and_the_session_goes_on_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &[vec![task_ended(1, b"one".to_vec())]]);
    let whole = fs::metadata(&path).unwrap().len();
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend_from_slice(&[0; 40]);
    fs::write(&path, &bytes).unwrap();

    let (journal, recovered) = Journal::open(dir.path(), Grouping::default()).unwrap();
    let torn = recovered.torn.unwrap();
    assert_eq!((torn.offset, torn.bytes), (whole, 40));
    let record = task_ended(2, b"two".to_vec());
    journal.appender().append(&record).unwrap().wait().unwrap();
    journal.close().unwrap();

    let recovered = recover(dir.path()).unwrap();
    assert_eq!(recovered.torn, None);
    let mut tasks: Vec<_> = recovered.settled.keys().copied().collect();
    tasks.sort_unstable();
    assert_eq!(tasks, [1, 2]);
}

#[test]
fn a_session_is_made_once_and_held_by_one() {
    let dir = tempfile::tempdir().unwrap();
    let none = Journal::open(dir.path(), Grouping::default()).unwrap_err();
    assert!(matches!(none, JournalError::Unbegun(_)));
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        0,
        "nothing is left there"
    );
    let held = Journal::create(dir.path(), super::arbitrary::started(), Grouping::default()).unwrap();
    let second = Journal::open(dir.path(), Grouping::default()).unwrap_err();
    assert!(
        matches!(second, JournalError::Busy { holder: Some(_), .. }),
        "{second}"
    );
    held.close().unwrap();
    let again = Journal::create(dir.path(), super::arbitrary::started(), Grouping::default());
    assert!(matches!(again.unwrap_err(), JournalError::Exists(_)));
    let (_, recovered) = Journal::open(dir.path(), Grouping::default()).unwrap();
    assert_eq!(recovered.started.seed, 42);
    assert!(dir.path().join(FILE).exists());
}

/// Cut at every byte behind its first record: what was durable and is gone is
/// said once, whether a frame is cut through or not, and is not forgotten.
#[test]
fn a_journal_that_was_longer_says_so_and_leaves_doubt() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(
        dir.path(),
        &[
            vec![task_ended(1, b"one".to_vec())],
            vec![task_ended(2, b"two".to_vec())],
        ],
    );
    let (bytes, end) = (fs::read(&path).unwrap(), dir.path().join("journal.end"));
    let said = fs::read(&end).unwrap();
    for cut in ends(&bytes)[0]..bytes.len() {
        fs::write(&path, &bytes[..cut]).unwrap();
        fs::write(&end, &said).unwrap();
        let (journal, recovered) = Journal::open(dir.path(), Grouping::default()).unwrap();
        let gone = recovered.gone.unwrap();
        let torn = recovered.torn.map_or(0, |torn| torn.bytes);
        assert_eq!(gone.offset + torn, cut as u64);
        assert_eq!(gone.offset + gone.bytes, bytes.len() as u64);
        journal.close().unwrap();
        let (journal, again) = Journal::open(dir.path(), Grouping::default()).unwrap();
        assert_eq!((again.gone, again.torn), (None, None), "cut at {cut}");
        assert_eq!(again.doubtful, recovered.doubtful);
        assert!(again.doubtful.contains(&50));
        journal.close().unwrap();
    }
}

/// A host that is killed has said no more than was durable.
#[test]
fn a_journal_that_grew_behind_what_was_said_claims_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::create(dir.path(), super::arbitrary::started(), Grouping::default()).unwrap();
    let end = dir.path().join("journal.end");
    let early = fs::read(&end).unwrap();
    let record = task_ended(2, b"two".to_vec());
    journal.appender().append(&record).unwrap().wait().unwrap();
    drop(journal);
    for said in [Some(early), Some(vec![0; 28]), Some(b"short".to_vec()), None] {
        match said {
            Some(said) => fs::write(&end, said).unwrap(),
            None => fs::remove_file(&end).unwrap(),
        }
        let (_, recovered) = Journal::open(dir.path(), Grouping::default()).unwrap();
        assert_eq!((recovered.gone, recovered.torn), (None, None));
        assert!(recovered.doubtful.is_empty());
    }
}
