//! What is kept of a session, as types.
//!
//! Payloads are MessagePack maps with named fields, so a reader passes over
//! fields that it does not know. The rules of evolution: a field that comes
//! later has a default; the meaning of a field never changes; a new kind of
//! record has a new number, and one from [`OPTIONAL`] on if a reader may pass
//! over it. Times are microseconds since 1970 in UTC, durations microseconds.

mod session;
mod task;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use session::{BoardSaved, Ended, Gap, Reported, Resumed, Started};
pub use task::{Attempt, Digest, Failure, Kept, Output, Reopened, RequestSent, Retry, TaskEnded, TaskStatus};

use super::error::CommitError;
use super::frame::MAX_PAYLOAD;

/// Kinds from here on may be passed over by whoever does not know them.
pub const OPTIONAL: u16 = 0x8000;

/// Something that is kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// The session has begun: the first record.
    Started(Started),
    /// A process goes on with the session.
    Resumed(Resumed),
    /// Tasks that had ended are to be run again.
    Reopened(Reopened),
    /// A request of a task that is not idempotent is about to be sent.
    RequestSent(RequestSent),
    /// An attempt has failed and another will be made.
    Retry(Retry),
    /// Nothing more will happen to a task.
    TaskEnded(Box<TaskEnded>),
    /// The session is over.
    Ended(Ended),
    /// A board with results is about to be put in the place of the original.
    BoardSaved(BoardSaved),
    /// The report, and the board if there is one, are written.
    Reported(Reported),
    /// Here records are lost.
    Gap(Gap),
}

impl Record {
    /// Adds the record's bytes, and says its kind.
    pub(super) fn encode(&self, to: &mut Vec<u8>) -> Result<u16, CommitError> {
        match self {
            Record::Started(record) => encode(2, record, to),
            Record::Resumed(record) => encode(3, record, to),
            Record::Reopened(record) => encode(4, record, to),
            Record::RequestSent(record) => encode(5, record, to),
            Record::Retry(record) => encode(6, record, to),
            Record::TaskEnded(record) => encode(7, record, to),
            Record::Ended(record) => encode(12, record, to),
            Record::BoardSaved(record) => encode(13, record, to),
            Record::Reported(record) => encode(14, record, to),
            Record::Gap(record) => encode(15, record, to),
        }
    }

    /// A record from its bytes; none if its kind is not known.
    pub(super) fn decode(kind: u16, payload: &[u8]) -> Result<Option<Self>, rmp_serde::decode::Error> {
        Ok(Some(match kind {
            2 => Record::Started(decode(payload)?),
            3 => Record::Resumed(decode(payload)?),
            4 => Record::Reopened(decode(payload)?),
            5 => Record::RequestSent(decode(payload)?),
            6 => Record::Retry(decode(payload)?),
            7 => Record::TaskEnded(Box::new(decode(payload)?)),
            12 => Record::Ended(decode(payload)?),
            13 => Record::BoardSaved(decode(payload)?),
            14 => Record::Reported(decode(payload)?),
            15 => Record::Gap(decode(payload)?),
            _ => return Ok(None),
        }))
    }
}

fn encode(kind: u16, record: &impl Serialize, to: &mut Vec<u8>) -> Result<u16, CommitError> {
    let start = to.len();
    record
        .serialize(&mut rmp_serde::Serializer::new(&mut *to).with_struct_map())
        .map_err(|error| CommitError::Encode(Arc::new(error)))?;
    let (bytes, limit) = (to.len() - start, MAX_PAYLOAD);
    if bytes > limit {
        return Err(CommitError::TooLarge { bytes, limit });
    }
    Ok(kind)
}

fn decode<T: DeserializeOwned>(payload: &[u8]) -> Result<T, rmp_serde::decode::Error> {
    rmp_serde::from_slice(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_newer_version_are_passed_over_and_absent_ones_have_defaults() {
        #[derive(Serialize)]
        struct Newer<'a> {
            task: u32,
            attempt: u32,
            upstream: &'a str,
            invented_later: Vec<u8>,
        }
        let newer = Newer {
            task: 7,
            attempt: 2,
            upstream: "llm",
            invented_later: vec![1, 2],
        };
        let payload = rmp_serde::to_vec_named(&newer).unwrap();
        let Some(Record::RequestSent(read)) = Record::decode(5, &payload).unwrap() else {
            panic!("another kind")
        };
        assert_eq!((read.task, read.attempt, read.upstream.as_str()), (7, 2, "llm"));

        #[derive(Serialize)]
        struct Older {
            task: u32,
            status: TaskStatus,
        }
        let older = Older {
            task: 1,
            status: TaskStatus::Skipped,
        };
        let payload = rmp_serde::to_vec_named(&older).unwrap();
        let Some(Record::TaskEnded(read)) = Record::decode(7, &payload).unwrap() else {
            panic!("another kind")
        };
        assert_eq!(
            (read.status, read.output, read.last),
            (TaskStatus::Skipped, None, None)
        );
    }

    #[test]
    fn a_kind_that_is_not_known_is_none() {
        assert_eq!(Record::decode(999, b"").unwrap(), None);
    }
}
