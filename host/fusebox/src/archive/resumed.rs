//! How a session that was stopped is resumed.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::failure::{kept, named};
use super::held_back::HeldBack;
use super::interrupted::{Again, Interrupted};
use super::{ArchiveError, Replay, SessionJournal, read_back};
use crate::session::{Attempted, Over, ResumeState, ResumedKeys};
use fusebox_resilience::GiveUp;
use fusebox_store::journal::record::{self, Attempt, Reopened, TaskEnded};
use fusebox_store::journal::{Fate, Record};
use fusebox_system::wall_clock;
use fusebox_types::failure::{Code, Failure};
use fusebox_types::{TaskIndex, TaskStatus};

/// Indices in one record of reopened tasks.
const IN_ONE_RECORD: usize = 10_000;
/// Why a task is held that sent its requests with keys.
const KEYED: &str = "it had sent a request with an idempotency key when it was cut short, and would not send the same again: the upstream's `idempotency_header` has changed, or a task that it depends on is run again";

/// A session that is resumed.
pub struct Resumed {
    /// What keeps the session from now on.
    pub archive: SessionJournal,
    /// What the session goes on with.
    pub resume_state: ResumeState,
    /// What happened until now, for its readers.
    pub replay: Replay,
    /// How many tasks are over.
    pub over: usize,
    /// The tasks that are not run, because they may have done what they do.
    pub held: Vec<String>,
    /// The tasks that were held by an upstream's breaker, and go on; none if none
    /// were.
    pub held_back: Option<HeldBack>,
    /// The tasks whose results are gone, and why.
    pub lost: Vec<(String, String)>,
    /// The tasks that are run though a record that is lost may have ended them.
    pub again: Vec<String>,
}

impl Interrupted {
    /// Resumes the session: what is over is kept, the rest is run. `may`
    /// says of a task whether it can be run twice without harm, and `key_header`
    /// in which header an upstream takes idempotency keys.
    ///
    /// # Errors
    /// If that it is resumed cannot be written.
    pub fn go_on(
        mut self,
        again: &Again,
        may: impl Fn(TaskIndex) -> bool,
        key_header: impl Fn(&str) -> Option<String>,
    ) -> Result<Resumed, ArchiveError> {
        let (lost, held_back) = (self.lost(), self.held_back());
        let mut fates = self.fates(again);
        for task in lost.keys() {
            if let Some(fate) = fates.get_mut(*task as usize)
                && *fate == Fate::Keep
            {
                *fate = if may(*task) { Fate::Reopen } else { Fate::Hold };
            }
        }
        let new_keys = again.new_keys;
        let again = self.doubted(&mut fates, &may);
        self.hold_without_keys(&mut fates, &may, key_header);
        let records = self.records(&fates, &lost, new_keys);
        let mut last = None;
        for record in records {
            last = Some(self.journal.appender().append(&record)?);
            self.recovered.apply(record);
        }
        if let Some(ticket) = last {
            ticket.wait()?;
        }
        self.resumed(&fates, lost, &again, held_back)
    }

    /// Tasks that would be run, of which a record that is lost may have told
    /// something: they are, unless that could do harm.
    fn doubted(&self, fates: &mut [Fate], may: impl Fn(TaskIndex) -> bool) -> Vec<TaskIndex> {
        let mut again = Vec::new();
        for task in &self.recovered.doubtful {
            match fates.get_mut(*task as usize) {
                Some(Fate::Run | Fate::Reopen) if may(*task) => again.push(*task),
                Some(fate @ (Fate::Run | Fate::Reopen)) => *fate = Fate::Hold,
                _ => {}
            }
        }
        again
    }

    /// The tasks whose results are not what was kept, and why.
    fn lost(&self) -> HashMap<TaskIndex, String> {
        let settled = self.recovered.settled.iter();
        let lost = settled.filter_map(|(task, kept)| {
            let error = read_back::ended(kept, &self.out).err()?;
            Some((*task, error.to_string()))
        });
        lost.collect()
    }

    /// What the journal is told before anything is run.
    fn records(&self, fates: &[Fate], lost: &HashMap<TaskIndex, String>, new_keys: bool) -> Vec<Record> {
        let of = |wanted: Fate| {
            let all = (0..).zip(fates);
            all.filter(move |(_, fate)| **fate == wanted)
                .map(|(task, _)| task)
        };
        let mut records = vec![Record::Resumed(record::Resumed {
            at: wall_clock::now().as_microsecond(),
            repaired_bytes: self.repaired().unwrap_or(0),
        })];
        let begins_anew = |task: &TaskIndex| new_keys && !self.goes_on(*task);
        for new_keys in [false, true] {
            let reopened = of(Fate::Reopen).filter(|task| begins_anew(task) == new_keys);
            let reopened: Vec<TaskIndex> = reopened.collect();
            records.extend(reopened.chunks(IN_ONE_RECORD).map(|tasks| {
                let tasks = tasks.to_vec();
                Record::Reopened(Reopened { tasks, new_keys })
            }));
        }
        records.extend(of(Fate::Hold).map(|task| self.held(task, lost.get(&task))));
        records
    }

    /// The end of a task that is not run again on its own.
    fn held(&self, task: TaskIndex, lost: Option<&String>) -> Record {
        let why = match (self.recovered.sent.get(&task), lost) {
            (None, None) if self.recovered.keyed.contains_key(&task) => KEYED.to_owned(),
            (None, Some(lost)) => format!("its result is gone ({lost}), and it may not be run twice unasked"),
            (None, None) => "a record of the journal that may have told of it is lost, and nobody knows whether it had sent a request".to_owned(),
            (attempt, _) => format!(
                "attempt {} had sent a request when it was cut short, and nobody knows what became of that",
                attempt.unwrap_or(&1)
            ),
        };
        let before = self.recovered.settled.get(&task).filter(|_| lost.is_none());
        let failure = Failure::new(Code::HeldSent, why);
        let (partial, failure) = match before.and_then(|ended| ended.partial.clone()) {
            Some(partial) => (Some(partial), failure),
            None => self.partial_of_attempts(task, failure),
        };
        let status = if partial.is_some() {
            TaskStatus::Degraded
        } else {
            TaskStatus::Failed
        };
        Record::TaskEnded(Box::new(TaskEnded {
            instance: before.and_then(|ended| ended.instance.clone()),
            partial,
            failure: Some(kept(&failure)),
            reason: Some(GiveUp::NotIdempotent.name().to_owned()),
            last: before.and_then(|ended| ended.last.clone()),
            ..TaskEnded::new(task, status)
        }))
    }

    fn resumed(
        self,
        fates: &[Fate],
        lost: HashMap<TaskIndex, String>,
        again: &[TaskIndex],
        held_back: Option<HeldBack>,
    ) -> Result<Resumed, ArchiveError> {
        let (resume_state, handed_in) = (self.resume_state()?, self.files_of_tasks());
        let id = |task: TaskIndex| {
            self.graph
                .task(task)
                .map_or_else(String::new, |task| task.id.to_string())
        };
        let held = (0..).zip(fates).filter(|(_, fate)| **fate == Fate::Hold);
        Ok(Resumed {
            resume_state,
            over: self.recovered.settled.len(),
            held: held.map(|(task, _)| id(task)).collect(),
            held_back,
            lost: lost.into_iter().map(|(task, why)| (id(task), why)).collect(),
            again: again.iter().map(|task| id(*task)).collect(),
            replay: Replay::new(self.recovered, self.out.clone()),
            archive: SessionJournal {
                handed_in,
                journal: self.journal,
                out: self.out,
                graph: self.graph,
            },
        })
    }

    /// What the session begins with. Only results that a task is still to be
    /// handed are loaded.
    fn resume_state(&self) -> Result<ResumeState, ArchiveError> {
        let settled = &self.recovered.settled;
        let began = read_back::timestamp(self.recovered.started.at);
        let mut state = ResumeState::since(began, self.recovered.ran.time());
        for (task, kept) in settled {
            let over = Over {
                status: kept.status,
                has_result: kept.output.is_some() || kept.partial.is_some(),
                reason: kept.reason.as_deref().and_then(named),
            };
            state.is_over(*task, over);
            let is_open = |dependant: &TaskIndex| !settled.contains_key(dependant);
            if self.graph.dependants(*task).iter().any(is_open) {
                state.hands_on(*task, &read_back::ended(kept, &self.out)?);
            }
        }
        state.keys(ResumedKeys {
            rounds: self.recovered.key_rounds.clone(),
            sent: self.recovered.keyed.keys().copied().collect(),
        });
        let now = wall_clock::now();
        let open = self
            .recovered
            .attempts
            .keys()
            .filter(|task| !settled.contains_key(task));
        for task in open {
            state.goes_on(*task, self.attempted(*task, now));
        }
        Ok(state)
    }

    /// How far a task has come that is not over.
    fn attempted(&self, task: TaskIndex, now: Timestamp) -> Attempted {
        let made = self.recovered.attempts.get(&task).map_or(&[][..], Vec::as_slice);
        let before = self.recovered.before_reopening.get(&task).copied().unwrap_or(0);
        let (before, counted) = made.split_at(before.min(made.len()));
        let after = |attempts: &[Attempt]| attempts.last().map_or(1, |last| last.number.saturating_add(1));
        let uncounted = counted
            .iter()
            .filter(|attempt| read_back::is_uncounted(attempt))
            .count();
        let wait = self.recovered.next_at.get(&task).and_then(|next_at| {
            let (next_at, now) = (*next_at, now.as_microsecond());
            match counted.last() {
                Some(last) => Some(RetryWait::of(last, next_at, now)),
                None => RetryWait::of_reopened(made.last()?, next_at, now),
            }
        });
        let wait = wait.unwrap_or_default();
        Attempted {
            first: after(before).saturating_add(uncounted as u32),
            next: after(made),
            delay: wait.whole,
            wait: wait.left,
            asked: wait.asked,
            failed: counted.iter().filter_map(read_back::past_attempt).collect(),
            partial: self.handed_in(task, |attempt| attempt.partial.as_deref()),
            fallback: self.handed_in(task, |attempt| attempt.fallback.as_deref()),
        }
    }
}

/// A wait between two attempts, while which a host may have been killed.
#[derive(Debug, Default, PartialEq, Eq)]
struct RetryWait {
    whole: Duration,
    left: Duration,
    /// How much of what is left the upstream asked for.
    asked: Duration,
}

impl RetryWait {
    /// Times are microseconds of the wall clock. However that was set meanwhile,
    /// no more is left than there was.
    fn of(last: &Attempt, next_at: i64, now: i64) -> Self {
        let between =
            |from: i64, to: i64| Duration::from_micros(u64::try_from(to.saturating_sub(from)).unwrap_or(0));
        let whole = between(last.ended(), next_at);
        let left = between(now, next_at).min(whole);
        let waited = whole.saturating_sub(left);
        let asked = last.failure.as_ref().and_then(|failure| failure.retry_after_ms);
        let asked = match last.is_free {
            // What a breaker holds is asked no sooner than that says.
            true => left,
            false => Duration::from_millis(asked.unwrap_or(0)).saturating_sub(waited),
        };
        Self {
            whole,
            left,
            asked: asked.min(left),
        }
    }

    /// What is left for a task that is to begin anew, and ended because somebody
    /// outside asked for a wait. What the host itself refused it refuses again,
    /// unless a person has made room.
    fn of_reopened(last: &Attempt, next_at: i64, now: i64) -> Option<Self> {
        if read_back::was_refused(last) {
            return None;
        }
        let wait = Self::of(last, next_at, now);
        Some(Self {
            asked: wait.left,
            ..wait
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusebox_store::journal::record;

    fn wait(retry_after_ms: Option<u64>, next_at: i64, now: i64) -> RetryWait {
        let failure = record::Failure {
            retry_after_ms,
            ..record::Failure::default()
        };
        let last = Attempt {
            started: 500_000,
            wall: 500_000,
            failure: Some(failure),
            ..Attempt::default()
        };
        RetryWait::of(&last, next_at, now)
    }

    #[test]
    fn what_is_left_of_a_wait_is_never_more_than_there_was() {
        let left = |now| wait(None, 11_000_000, now).left;
        assert_eq!(left(4_000_000), Duration::from_secs(7));
        assert_eq!(left(11_000_000), Duration::ZERO);
        assert_eq!(left(i64::MAX), Duration::ZERO);
        let day_back = -86_400_000_000;
        assert_eq!(left(day_back), Duration::from_secs(10));
        let never = wait(None, 3, 0);
        assert_eq!(
            never,
            RetryWait::default(),
            "the clock was set back between the two"
        );
    }

    #[test]
    fn a_reopened_task_waits_for_all_that_is_left_unless_the_host_itself_refused() {
        let reopened = |code: &str| {
            let failure = record::Failure {
                code: code.into(),
                ..record::Failure::default()
            };
            let last = Attempt {
                started: 1_000_000,
                failure: Some(failure),
                ..Attempt::default()
            };
            RetryWait::of_reopened(&last, 11_000_000, 4_000_000).map(|wait| (wait.left, wait.asked))
        };
        let left = Duration::from_secs(7);
        assert_eq!(reopened("api.throttled"), Some((left, left)));
        assert_eq!(reopened("guest.glm.1308"), Some((left, left)));
        assert_eq!(reopened("shed.quota"), None);
    }

    #[test]
    fn what_was_held_waits_for_all_that_is_left() {
        let last = Attempt {
            started: 1_000_000,
            is_free: true,
            ..Attempt::default()
        };
        let wait = RetryWait::of(&last, 11_000_000, 4_000_000);
        let left = Duration::from_secs(7);
        assert_eq!((wait.left, wait.asked), (left, left));
    }

    #[test]
    fn what_an_upstream_asked_for_is_known_of_what_is_left() {
        let asked = |retry_after_ms, now| wait(retry_after_ms, 11_000_000, now).asked;
        assert_eq!(asked(Some(8_000), 1_000_000), Duration::from_secs(8));
        assert_eq!(asked(Some(8_000), 4_000_000), Duration::from_secs(5));
        assert_eq!(asked(Some(8_000), 10_000_000), Duration::ZERO);
        assert_eq!(asked(None, 4_000_000), Duration::ZERO);
    }
}
