//! What goes to the disk together, and who is told when.

use std::fs;
use std::time::Duration;

use super::super::frame::{FRAME_BYTES, HEADER_BYTES, MARK_BYTES};
use super::super::{CommitError, FILE, Grouping, Journal, recover};
use super::arbitrary::{started, task_ended};

/// A grouping that gathers for ever, unless something is urgent or large.
fn patient() -> Grouping {
    Grouping {
        time: Duration::from_secs(3600),
        ..Grouping::default()
    }
}

#[tokio::test]
async fn an_urgent_record_takes_all_before_it_along_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::create(dir.path(), started(), patient()).unwrap();
    let tickets: Vec<_> = (0..9)
        .map(|task| journal.appender().append(&task_ended(task, vec![])).unwrap())
        .collect();
    let urgent = journal.appender().append_urgent(&task_ended(9, vec![])).unwrap();
    urgent.durable().await.unwrap();
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    // Nothing was closed yet, and all is there.
    assert_eq!(recover(dir.path()).unwrap().settled.len(), 10);
}

#[test]
fn enough_bytes_are_a_group_and_no_more_than_the_bound_is_on_its_way() {
    let dir = tempfile::tempdir().unwrap();
    let grouping = Grouping {
        bytes: 8 << 10,
        most_waiting: 16 << 10,
        ..patient()
    };
    let journal = Journal::create(dir.path(), started(), grouping).unwrap();
    // Blocks for ever if the bound were not emptied by bytes.
    for task in 0..200 {
        let _ticket = journal
            .appender()
            .append(&task_ended(task, vec![1; 1000]))
            .unwrap();
    }
    journal.close().unwrap();
    assert_eq!(recover(dir.path()).unwrap().settled.len(), 200);
}

#[test]
fn each_group_costs_one_mark() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::create(dir.path(), started(), patient()).unwrap();
    let before = fs::metadata(dir.path().join(FILE)).unwrap().len() as usize;
    assert!(before > HEADER_BYTES);
    let records: Vec<_> = (0..50).map(|task| task_ended(task, vec![2; 10])).collect();
    for record in &records {
        let _ticket = journal.appender().append(record).unwrap();
    }
    journal.close().unwrap();
    let after = fs::metadata(dir.path().join(FILE)).unwrap().len() as usize;
    let mut payload = Vec::new();
    records[0].encode(&mut payload).unwrap();
    let record = FRAME_BYTES + payload.len();
    assert_eq!(after - before, 50 * record + 2 * MARK_BYTES);
}

#[test]
fn a_closed_journal_takes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::create(dir.path(), started(), Grouping::default()).unwrap();
    let appender = journal.appender().clone();
    journal.close().unwrap();
    let refused = appender.append(&task_ended(0, vec![])).unwrap_err();
    assert!(matches!(refused, CommitError::Closed));
}
