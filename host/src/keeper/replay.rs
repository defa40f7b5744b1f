//! What had happened in a session before it was gone on with, told again to the
//! readers of its events: they begin anew, and see all of it.

use std::collections::HashMap;
use std::sync::Arc;

use super::read_back::{self, LostResult};
use crate::event::Event;
use crate::journal::Recovered;
use crate::journal::record::{Attempt, TaskEnded};
use crate::report::OutputDir;
use crate::sandbox::Lines;
use crate::session::TaskIndex;

/// Events of tasks, a task at a time, so that one result is in memory at once.
#[derive(Debug)]
pub(crate) struct Replay {
    tasks: std::vec::IntoIter<TaskIndex>,
    settled: HashMap<TaskIndex, TaskEnded>,
    attempts: HashMap<TaskIndex, Vec<Attempt>>,
    out: Arc<OutputDir>,
}

impl Replay {
    pub(super) fn new(recovered: Recovered, out: Arc<OutputDir>) -> Self {
        let (settled, attempts) = (recovered.settled, recovered.attempts);
        let mut tasks: Vec<_> = settled.keys().chain(attempts.keys()).copied().collect();
        tasks.sort_unstable();
        tasks.dedup();
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
        let mut events: Vec<_> = attempts
            .into_iter()
            .chain(last)
            .map(|attempt| Event::AttemptEnded {
                task,
                attempt: read_back::attempt(attempt),
                lines: Lines::default(),
            })
            .collect();
        if let Some(ended) = ended {
            let record = read_back::ended(&ended, &self.out)?;
            events.push(Event::TaskEnded { task, record });
        }
        Ok(events)
    }
}

impl Iterator for Replay {
    type Item = Result<Vec<Event>, LostResult>;

    fn next(&mut self) -> Option<Self::Item> {
        let task = self.tasks.next()?;
        Some(self.events(task))
    }
}
