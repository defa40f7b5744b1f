//! Records to the state of a session: a pure fold.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::error::JournalError;
use super::open::FILE;
use super::ran::Ran;
use super::reader::{Reader, Torn};
use super::record::{Attempt, Digest, Ended, Record, Started, TaskEnded, TaskStatus};

/// What a session's journal says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovered {
    /// How it began.
    pub started: Started,
    /// The tasks that are over, by their index in the graph.
    pub settled: HashMap<u32, TaskEnded>,
    /// The attempts that failed, of all tasks, without each task's last.
    pub attempts: HashMap<u32, Vec<Attempt>>,
    /// Tasks that are not idempotent and that had sent a request, of which
    /// nobody knows what became, and the attempts that sent it. They are never
    /// run again unasked.
    pub sent: BTreeMap<u32, u32>,
    /// The digests of boards that took the place of the original.
    pub boards: Vec<Digest>,
    /// Whether report and board are written.
    pub reported: bool,
    /// How it ended; none if it did not.
    pub ended: Option<Ended>,
    /// How often it was gone on with.
    pub resumed: u32,
    /// For how long its processes ran.
    pub ran: Ran,
    /// The torn tail, if there was one.
    pub torn: Option<Torn>,
}

/// Reads the journal of a session and changes nothing; works on a live session
/// too, of which it sees what is durable and perhaps more.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn recover(session: &Path) -> Result<Recovered, JournalError> {
    fold(&mut Reader::open(&session.join(FILE))?)
}

pub(super) fn fold(reader: &mut Reader) -> Result<Recovered, JournalError> {
    let mut recovered = match reader.next_record()? {
        Some(Record::Started(started)) => Recovered::new(started),
        _ => return Err(reader.damaged("it does not begin with a session")),
    };
    while let Some(record) = reader.next_record()? {
        recovered.apply(record);
    }
    recovered.torn = reader.torn();
    Ok(recovered)
}

impl Recovered {
    /// A session that has just begun.
    pub fn new(started: Started) -> Self {
        Self {
            ran: Ran::new(started.at),
            started,
            settled: HashMap::new(),
            attempts: HashMap::new(),
            sent: BTreeMap::new(),
            boards: Vec::new(),
            reported: false,
            ended: None,
            resumed: 0,
            torn: None,
        }
    }

    /// What the session is after one more record.
    pub fn apply(&mut self, record: Record) {
        match record {
            // The first record, and no other.
            Record::Started(_) => {}
            Record::Resumed(resumed) => {
                self.ran.resumed(resumed.at);
                self.resumed = self.resumed.saturating_add(1);
                (self.ended, self.reported) = (None, false);
            }
            Record::Reopened(reopened) => {
                for task in reopened.tasks {
                    self.settled.remove(&task);
                    self.attempts.remove(&task);
                    self.sent.remove(&task);
                }
            }
            Record::RequestSent(request) => {
                self.sent.insert(request.task, request.attempt);
            }
            Record::Retry(retry) => {
                // That the attempt ended is known, and that it may be made again.
                // A request of the next one may stand before this record: it
                // did not wait for its turn.
                let ended = retry.attempt.number;
                if self
                    .sent
                    .get(&retry.task)
                    .is_some_and(|attempt| *attempt <= ended)
                {
                    self.sent.remove(&retry.task);
                }
                self.ran.seen(retry.attempt.ended());
                self.attempts.entry(retry.task).or_default().push(retry.attempt);
            }
            Record::TaskEnded(ended) => {
                // A task that was cancelled under way may still have done what
                // it had asked for.
                if ended.status != TaskStatus::Cancelled {
                    self.sent.remove(&ended.task);
                }
                // An attempt of an earlier run may be told again.
                let before = self.settled.get(&ended.task);
                let last = before.and_then(|before| before.last.as_ref());
                if let Some(new) = ended.last.as_ref().filter(|attempt| Some(*attempt) != last) {
                    self.ran.seen(new.ended());
                }
                self.settled.insert(ended.task, *ended);
            }
            Record::Ended(ended) => {
                match ended.ran {
                    Some(ran) => self.ran.ended(ran),
                    None => self.ran.seen(ended.at),
                }
                self.ended = Some(ended);
            }
            Record::BoardSaved(board) => self.boards.push(board.digest),
            Record::Reported(_) => self.reported = true,
        }
    }
}
