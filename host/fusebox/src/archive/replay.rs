//! What had happened in a session before it was resumed, told again to the
//! readers of its events: they begin anew, and see all of it.

use std::collections::HashMap;
use std::sync::Arc;

use super::read_back::{self, LostResult};
use crate::report::OutputDir;
use fusebox_events::{Event, TaskRecord};
use fusebox_store::journal::Recovered;
use fusebox_store::journal::record::{Attempt, TaskEnded};
use fusebox_types::{Lines, TaskIndex};

/// Events of tasks, a task at a time, so that one result is in memory at once.
#[derive(Debug)]
pub struct Replay {
    tasks: std::vec::IntoIter<TaskIndex>,
    settled: HashMap<TaskIndex, TaskEnded>,
    attempts: HashMap<TaskIndex, Vec<Attempt>>,
    out: Arc<OutputDir>,
}

impl Replay {
    pub(super) fn new(recovered: Recovered, out: Arc<OutputDir>) -> Self {
        let (settled, attempts, order) = (recovered.settled, recovered.attempts, recovered.order);
        let open = attempts.keys().filter(|task| !settled.contains_key(task));
        let mut tasks: Vec<_> = settled.keys().chain(open).copied().collect();
        // As they ended; then those that are not over.
        tasks.sort_unstable_by_key(|task| (order.get(task).copied().unwrap_or(u64::MAX), *task));
        Self {
            tasks: tasks.into_iter(),
            settled,
            attempts,
            out,
        }
    }

    fn events(&mut self, task: TaskIndex) -> Result<Vec<Event>, LostResult> {
        let attempts = self.attempts.remove(&task).unwrap_or_default();
        let ended = self.settled.remove(&task);
        let last = ended.as_ref().and_then(|ended| ended.last.clone());
        let record = ended.map(|ended| read_back::ended(&ended, &self.out));
        Ok(events(
            task,
            attempts.into_iter().chain(last),
            record.transpose()?,
        ))
    }
}

/// What was told of a task: its attempts, and its end if it is over.
pub(super) fn events(
    task: TaskIndex,
    attempts: impl IntoIterator<Item = Attempt>,
    record: Option<TaskRecord>,
) -> Vec<Event> {
    let attempts = attempts.into_iter().map(|attempt| Event::AttemptEnded {
        task,
        attempt: read_back::attempt(attempt),
        lines: Lines::default(),
    });
    let ended = record.map(|record| Event::TaskEnded { task, record });
    attempts.chain(ended).collect()
}

impl Iterator for Replay {
    type Item = Result<Vec<Event>, LostResult>;

    fn next(&mut self) -> Option<Self::Item> {
        let task = self.tasks.next()?;
        Some(self.events(task))
    }
}
