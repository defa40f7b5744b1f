//! How a session that was stopped is gone on with.

use std::collections::HashMap;

use super::failure::{kept, named};
use super::stopped::{Again, Stopped};
use super::{KeepError, Keeper, Replay, read_back};
use crate::failure::{Code, Failure};
use crate::journal::record::{Reopened, Resumed, TaskEnded};
use crate::journal::{Fate, Record};
use crate::resilience::GiveUp;
use crate::session::{Over, Standing, TaskIndex, TaskStatus};
use crate::wall_clock;

/// Indices in one record of reopened tasks.
const IN_ONE_RECORD: usize = 10_000;

/// A session that is gone on with.
pub(crate) struct GoneOn {
    pub(crate) keeper: Keeper,
    pub(crate) standing: Standing,
    pub(crate) replay: Replay,
    /// How many tasks are over.
    pub(crate) over: usize,
    /// The tasks that are not run, because they may have done what they do.
    pub(crate) held: Vec<String>,
    /// The tasks whose results are gone, and why.
    pub(crate) lost: Vec<(String, String)>,
}

impl Stopped {
    /// Goes on with the session: what is over is kept, the rest is run. `may`
    /// says of a task whether it can be run twice without harm.
    ///
    /// # Errors
    /// If that it is gone on with cannot be written.
    pub(crate) fn go_on(
        mut self,
        again: &Again,
        may: impl Fn(TaskIndex) -> bool,
    ) -> Result<GoneOn, KeepError> {
        let lost = self.lost();
        let mut fates = self.fates(again);
        for task in lost.keys() {
            if let Some(fate) = fates.get_mut(*task as usize)
                && *fate == Fate::Keep
            {
                *fate = if may(*task) { Fate::Reopen } else { Fate::Hold };
            }
        }
        let records = self.records(&fates, &lost);
        let mut last = None;
        for record in records {
            last = Some(self.journal.appender().append(&record)?);
            self.recovered.apply(record);
        }
        if let Some(ticket) = last {
            ticket.wait()?;
        }
        self.gone_on(&fates, lost)
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
    fn records(&self, fates: &[Fate], lost: &HashMap<TaskIndex, String>) -> Vec<Record> {
        let of = |wanted: Fate| {
            let all = (0..).zip(fates);
            all.filter(move |(_, fate)| **fate == wanted)
                .map(|(task, _)| task)
        };
        let mut records = vec![Record::Resumed(Resumed {
            at: wall_clock::now().as_microsecond(),
            repaired_bytes: self.repaired().unwrap_or(0),
        })];
        let reopened: Vec<TaskIndex> = of(Fate::Reopen).collect();
        records.extend(reopened.chunks(IN_ONE_RECORD).map(|tasks| {
            let tasks = tasks.to_vec();
            Record::Reopened(Reopened { tasks })
        }));
        records.extend(of(Fate::Hold).map(|task| self.held(task, lost.get(&task))));
        records
    }

    /// The end of a task that is not run again on its own.
    fn held(&self, task: TaskIndex, lost: Option<&String>) -> Record {
        let why = match (self.recovered.sent.get(&task), lost) {
            (None, Some(lost)) => format!("its result is gone ({lost}), and it may not be run twice unasked"),
            (attempt, _) => format!(
                "the host ended after attempt {} had sent a request, and nobody knows what became of that",
                attempt.unwrap_or(&1)
            ),
        };
        let before = self.recovered.settled.get(&task).filter(|_| lost.is_none());
        let partial = before.and_then(|ended| ended.partial.clone());
        let status = if partial.is_some() {
            TaskStatus::Degraded
        } else {
            TaskStatus::Failed
        };
        Record::TaskEnded(Box::new(TaskEnded {
            instance: before.and_then(|ended| ended.instance.clone()),
            partial,
            failure: Some(kept(&Failure::new(Code::HeldSent, why))),
            reason: Some(GiveUp::NotIdempotent.name().to_owned()),
            last: before.and_then(|ended| ended.last.clone()),
            ..TaskEnded::new(task, status)
        }))
    }

    fn gone_on(self, fates: &[Fate], lost: HashMap<TaskIndex, String>) -> Result<GoneOn, KeepError> {
        let standing = self.standing()?;
        let id = |task: TaskIndex| {
            self.graph
                .task(task)
                .map_or_else(String::new, |task| task.id.to_string())
        };
        let held = (0..).zip(fates).filter(|(_, fate)| **fate == Fate::Hold);
        Ok(GoneOn {
            standing,
            over: self.recovered.settled.len(),
            held: held.map(|(task, _)| id(task)).collect(),
            lost: lost.into_iter().map(|(task, why)| (id(task), why)).collect(),
            replay: Replay::new(self.recovered, self.out.clone()),
            keeper: Keeper {
                journal: self.journal,
                out: self.out,
                graph: self.graph,
            },
        })
    }

    /// What the session begins with. Only results that a task is still to be
    /// handed are loaded.
    fn standing(&self) -> Result<Standing, KeepError> {
        let settled = &self.recovered.settled;
        let mut standing = Standing::since(
            read_back::timestamp(self.recovered.started.at),
            self.recovered.ran.time(),
        );
        for (task, kept) in settled {
            let over = Over {
                status: kept.status,
                has_result: kept.output.is_some() || kept.partial.is_some(),
                reason: kept.reason.as_deref().and_then(named),
            };
            standing.is_over(*task, over);
            let is_open = |dependant: &TaskIndex| !settled.contains_key(dependant);
            if self.graph.dependants(*task).iter().any(is_open) {
                standing.hands_on(*task, &read_back::ended(kept, &self.out)?);
            }
        }
        for (task, attempts) in &self.recovered.attempts {
            let last = attempts.iter().map(|attempt| attempt.number).max();
            standing.goes_on_at(*task, last.unwrap_or(0).saturating_add(1));
        }
        Ok(standing)
    }
}
