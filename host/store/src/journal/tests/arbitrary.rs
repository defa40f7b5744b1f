//! Sessions made up for tests.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_bytes::{ByteArray, ByteBuf};

use super::super::record::*;
use super::super::{Grouping, Journal, Recovered};

pub(in super::super) fn started() -> Started {
    Started {
        id: "session-1".into(),
        source: "board.canvas".into(),
        source_digest: ByteArray::new([3; 32]),
        tasks: 100,
        seed: 42,
        ..Started::default()
    }
}

pub(in super::super) fn task_ended(task: u32, bytes: Vec<u8>) -> Record {
    Record::TaskEnded(Box::new(TaskEnded {
        instance: Some("default".into()),
        output: Some(Output {
            content_type: "text/plain".into(),
            bytes: bytes.len() as u64,
            sha256: ByteArray::new([task as u8; 32]),
            kept: Kept::Inline(ByteBuf::from(bytes)),
        }),
        last: Some(Attempt {
            number: 1,
            instance: "default".into(),
            started: 1_700_000_000_000_000,
            wall: 12,
            cpu: 9,
            fuel: 1_000,
            memory_peak: 1 << 20,
            ..Attempt::default()
        }),
        ..TaskEnded::new(task, TaskStatus::Succeeded)
    }))
}

pub(in super::super) fn record() -> impl Strategy<Value = Record> {
    let task = 0_u32..100;
    prop_oneof![
        4 => (task.clone(), prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(t, b)| task_ended(t, b)),
        1 => (task.clone(), prop::option::of(0_i64..50)).prop_map(|(task, not_before)| {
            Record::TaskEnded(Box::new(TaskEnded { not_before, ..TaskEnded::new(task, TaskStatus::Held) }))
        }),
        1 => task.clone().prop_map(|t| {
            Record::TaskEnded(Box::new(TaskEnded::new(t, TaskStatus::Cancelled)))
        }),
        1 => task.clone().prop_map(|task| {
            Record::RequestSent(RequestSent { task, attempt: 1, upstream: "llm".into(), key_header: None })
        }),
        1 => task.clone().prop_map(|task| {
            Record::Retry(Retry { task, attempt: Attempt::default(), next_at: 7 })
        }),
        1 => prop::collection::vec(task, 0..4).prop_map(|tasks| Record::Reopened(Reopened { tasks, new_keys: false })),
        1 => any::<[u8; 32]>().prop_map(|digest| {
            Record::BoardSaved(BoardSaved { digest: ByteArray::new(digest) })
        }),
        1 => Just(Record::Reported(Reported { at: 11 })),
        1 => Just(Record::Resumed(Resumed::default())),
        1 => Just(Record::Ended(Ended { at: 9, ran: Some(7), status: "degraded".into() })),
    ]
}

/// Writes a journal, each group for itself.
pub(in super::super) fn write(session: &Path, groups: &[Vec<Record>]) -> PathBuf {
    let journal = Journal::create(session, started(), Grouping::default()).unwrap();
    for group in groups {
        let mut last = None;
        for record in group {
            last = Some(journal.appender().append(record).unwrap());
        }
        if let Some(last) = last {
            last.wait().unwrap();
        }
    }
    journal.close().unwrap();
    session.join(super::super::FILE)
}

/// The state after each record, from the first on.
pub(super) fn states(groups: &[Vec<Record>]) -> Vec<Recovered> {
    let mut state = Recovered::new(started());
    let mut states = vec![state.clone()];
    for record in groups.iter().flatten() {
        state.apply(record.clone());
        states.push(state.clone());
    }
    states
}
