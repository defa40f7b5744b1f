//! Damage to what was durable.

use std::fs;

use super::super::frame::{HEADER_BYTES, MARK_BYTES};
use super::super::record::Record;
use super::super::{Grouping, Journal, JournalError, Reader, recover};
use super::arbitrary::{task_ended, write};

fn groups() -> Vec<Vec<Record>> {
    let group = |from: u32| {
        (from..from + 3)
            .map(|at| task_ended(at, vec![b'x'; 30]))
            .collect()
    };
    vec![group(0), group(3), group(6)]
}

/// Any bit of a journal that was closed: refused, and never taken for a torn
/// tail that may be cut off. Only the last mark, behind which nothing is, may
/// be lost without a word.
#[test]
fn a_bit_that_flips_in_a_closed_journal_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &groups());
    let bytes = fs::read(&path).unwrap();
    for at in HEADER_BYTES..bytes.len() - MARK_BYTES {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(&path, &damaged).unwrap();
        let error = recover(dir.path()).unwrap_err();
        assert!(
            matches!(error, JournalError::Damaged { .. }),
            "byte {at}: {error}"
        );
    }
}

#[test]
fn what_comes_before_the_damage_can_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &groups());
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&path, &bytes).unwrap();
    let mut reader = Reader::open(&path).unwrap();
    let mut count = 0;
    let error = loop {
        match reader.next_record() {
            Ok(Some(_)) => count += 1,
            Ok(None) => panic!("the damage was not seen"),
            Err(error) => break error,
        }
    };
    assert!((4..7).contains(&count), "{count} records");
    assert!(error.to_string().contains("is damaged at byte"));
}

/// What was durable of the last group is known by `journal.end`: a record behind
/// the damage is not cut off with it.
#[test]
fn damage_to_a_durable_last_group_is_no_torn_tail() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &groups());
    let mut bytes = fs::read(&path).unwrap();
    // As if the journal had not been closed.
    bytes.truncate(bytes.len() - MARK_BYTES);
    let record = (bytes.len() - HEADER_BYTES) / 10;
    let at = bytes.len() - 3 * record / 2;
    bytes[at] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(recover(dir.path()).unwrap().torn.is_some(), "no mark says more");
    let refused = Journal::open(dir.path(), Grouping::default()).unwrap_err();
    assert!(matches!(refused, JournalError::Damaged { .. }), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

/// A power failure may leave a hole in what was being written: a later page
/// came to the disk, an earlier one did not. Nobody was told of any of it.
#[test]
fn a_hole_in_the_last_group_is_a_torn_tail() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &groups());
    let bytes = fs::read(&path).unwrap();
    // As if the journal had not been closed.
    let mut killed = bytes[..bytes.len() - MARK_BYTES].to_vec();
    let record = (killed.len() - HEADER_BYTES) / 10;
    let hole = killed.len() - 2 * record..killed.len() - 3 * record / 2;
    killed[hole].fill(0);
    fs::write(&path, &killed).unwrap();
    let recovered = recover(dir.path()).unwrap();
    assert!(recovered.torn.is_some());
    assert!((0..6).all(|task| recovered.settled.contains_key(&task)));
    assert!(!recovered.settled.contains_key(&8));
}

/// A guest's result cannot pass for frames: not even a copy of the journal's
/// own, moved.
#[test]
fn frames_inside_of_a_result_are_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let own = fs::read(write(dir.path(), &groups())).unwrap();
    let other = tempfile::tempdir().unwrap();
    let path = write(other.path(), &[vec![task_ended(50, own)]]);
    let bytes = fs::read(&path).unwrap();
    // Torn in the middle of the result: its tail is full of frames and marks.
    fs::write(&path, &bytes[..bytes.len() - 2 * MARK_BYTES]).unwrap();
    let recovered = recover(other.path()).unwrap();
    assert!(recovered.torn.is_some());
    assert!(recovered.settled.is_empty());
}

#[test]
fn a_newer_format_and_another_file_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &[]);
    let mut bytes = fs::read(&path).unwrap();
    bytes[8] = 9;
    fs::write(&path, &bytes).unwrap();
    let newer = recover(dir.path()).unwrap_err();
    assert!(matches!(
        newer,
        JournalError::Newer {
            found: 9,
            known: 1,
            ..
        }
    ));
    fs::write(&path, b"{\"schema\":\"something else\", \"and\": \"more of it\"}").unwrap();
    assert!(matches!(
        recover(dir.path()).unwrap_err(),
        JournalError::Foreign(_)
    ));
}
