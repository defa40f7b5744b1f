//! Records to the state of a session: a pure fold.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::error::JournalError;
use super::frame::HEADER_BYTES;
use super::open::FILE;
use super::ran::Ran;
use super::reader::{Reader, Torn};
use super::record::{Attempt, Digest, Ended, Output, Record, Started, TaskEnded, TaskStatus};

/// What a session's journal says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovered {
    /// How it began.
    pub started: Started,
    /// The tasks that are over, by their index in the graph.
    pub settled: HashMap<u32, TaskEnded>,
    /// The attempts of all tasks that have ended, but the last one of each task
    /// that is over, which stands in its end.
    pub attempts: HashMap<u32, Vec<Attempt>>,
    /// Of tasks that are not over and wait: when the next attempt is to begin.
    pub next_at: HashMap<u32, i64>,
    /// Of tasks that were reopened after attempts: how many those were.
    pub before_reopening: HashMap<u32, usize>,
    /// The ends of tasks that are over, counted in the order in which they came.
    pub order: HashMap<u32, u64>,
    /// Tasks that are not idempotent and that had sent a request, of which
    /// nobody knows what became, and the attempts that sent it. They are never
    /// run again unasked.
    pub sent: BTreeMap<u32, u32>,
    /// Tasks that are not idempotent, are not over and had sent requests with
    /// idempotency keys: to which upstreams, and in which header.
    pub keyed: BTreeMap<u32, BTreeMap<String, String>>,
    /// Of tasks for which a person asked for new keys: how often.
    pub key_rounds: HashMap<u32, u32>,
    /// Tasks of which a record that was lost may have told something: that they
    /// had sent a request, or that they were over.
    pub doubtful: BTreeSet<u32>,
    /// The digests of boards that took the place of the original.
    pub boards: Vec<Digest>,
    /// Whether report and board are written.
    pub reported: bool,
    /// How it ended; none if it did not.
    pub ended: Option<Ended>,
    /// How often it was resumed.
    pub resumed: u32,
    /// For how long its processes ran.
    pub ran: Ran,
    /// The torn tail, if there was one.
    pub torn: Option<Torn>,
    /// What had been durable of its end and is gone, if anything is.
    pub gone: Option<Gone>,
    /// How many ends there were, of whichever tasks.
    ends: u64,
}

/// The end of a journal that had been durable, and is not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// Where it began.
    pub offset: u64,
    /// How long it was.
    pub bytes: u64,
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
        _ => return Err(reader.damaged(HEADER_BYTES as u64, "it does not begin with a session")),
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
            next_at: HashMap::new(),
            before_reopening: HashMap::new(),
            order: HashMap::new(),
            ends: 0,
            sent: BTreeMap::new(),
            keyed: BTreeMap::new(),
            key_rounds: HashMap::new(),
            doubtful: BTreeSet::new(),
            boards: Vec::new(),
            reported: false,
            ended: None,
            resumed: 0,
            torn: None,
            gone: None,
        }
    }

    /// What the session is after one more record.
    pub fn apply(&mut self, record: Record) {
        self.doubt(&record);
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
                    self.reopen(task);
                    if reopened.new_keys {
                        *self.key_rounds.entry(task).or_default() += 1;
                    }
                }
            }
            Record::RequestSent(request) => match request.key_header {
                None => {
                    self.sent.insert(request.task, request.attempt);
                }
                Some(header) => {
                    let keyed = self.keyed.entry(request.task).or_default();
                    keyed.insert(request.upstream, header);
                }
            },
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
                self.next_at.insert(retry.task, retry.next_at);
                self.ran.seen(retry.attempt.ended());
                self.attempts.entry(retry.task).or_default().push(retry.attempt);
            }
            Record::TaskEnded(ended) => {
                // A task that was cut short under way may still have done what
                // it had asked for.
                if !ended.status.is_unfinished() {
                    self.sent.remove(&ended.task);
                    self.keyed.remove(&ended.task);
                }
                self.wait_on(&ended);
                self.order.insert(ended.task, self.ends);
                self.ends += 1;
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
            Record::Gap(_) => {}
        }
    }

    /// Whether both tasks are over, and the one was before the other.
    pub fn ended_before(&self, one: u32, other: u32) -> bool {
        let order = |task| self.order.get(&task);
        order(one)
            .zip(order(other))
            .is_some_and(|(one, other)| one < other)
    }

    /// What is left to wait for a task that is over, if it goes on: one that was
    /// cut short while it waited waits on, and one that was held says until when.
    fn wait_on(&mut self, ended: &TaskEnded) {
        match (ended.status, ended.not_before) {
            (TaskStatus::Held, Some(at)) => {
                self.next_at.insert(ended.task, at);
            }
            (status, _) if !status.is_unfinished() || ended.last.is_some() => {
                self.next_at.remove(&ended.task);
            }
            _ => {}
        }
    }

    /// A task that is over is to be run again. What was tried stays known; what
    /// was cut short goes on from there, and anything else begins anew.
    fn reopen(&mut self, task: u32) {
        self.order.remove(&task);
        self.sent.remove(&task);
        let Some(ended) = self.settled.remove(&task) else {
            return;
        };
        if let Some(last) = ended.last {
            self.attempts.entry(task).or_default().push(last);
        }
        let attempts = self.attempts.get_mut(&task).map(Vec::as_mut_slice);
        carry_on(attempts.unwrap_or_default(), ended.status, ended.partial);
        if ended.status.is_unfinished() {
            return;
        }
        // A person may have it run again at any time. Who asked is not undercut.
        match ended.not_before {
            Some(at) => self.next_at.insert(task, at),
            None => self.next_at.remove(&task),
        };
        if let Some(attempts) = self.attempts.get(&task) {
            self.before_reopening.insert(task, attempts.len());
        }
    }
}

/// What the attempts of a task that is reopened handed in: part of a result
/// outlives the run that gave it, until there is a whole one.
fn carry_on(attempts: &mut [Attempt], status: TaskStatus, partial: Option<Output>) {
    if status == TaskStatus::Succeeded {
        for attempt in attempts {
            (attempt.partial, attempt.fallback) = (None, None);
        }
    } else if let (Some(last), Some(partial)) = (attempts.last_mut(), partial) {
        last.partial = Some(Box::new(partial));
    }
}
