//! A session in its directory, looked at and left as it is: another process may
//! be at it.

use std::path::Path;
use std::sync::Arc;

use super::failure::named;
use super::replay::events;
use super::{ArchiveError, LostResult, read_back, tasks};
use crate::report::OutputDir;
use crate::session::Graph;
use fusebox_events::{Event, TaskRecord};
use fusebox_store::journal::record::Started;
use fusebox_store::journal::{Recovered, recover};
use fusebox_types::TaskIndex;
use fusebox_types::digest::Digest;

/// What the directory of a session says of it.
#[derive(Debug)]
pub struct SessionArchive {
    recovered: Recovered,
    graph: Arc<Graph>,
    out: Arc<OutputDir>,
}

impl SessionArchive {
    /// Reads the journal of a session and changes nothing.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn open(folder: &Path) -> Result<Self, ArchiveError> {
        let recovered = recover(folder)?;
        let out = Arc::new(OutputDir::open(folder)?);
        let graph = Arc::new(tasks_of(folder, &recovered)?);
        Ok(Self {
            recovered,
            graph,
            out,
        })
    }

    pub(crate) fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    /// How it began.
    pub fn started(&self) -> &Started {
        &self.recovered.started
    }

    pub(crate) fn out(&self) -> &OutputDir {
        &self.out
    }

    /// Whether its report is written.
    pub(crate) fn is_reported(&self) -> bool {
        self.recovered.reported
    }

    /// What happened, as far as it is kept, a task after the other and without
    /// results.
    pub(crate) fn events(&self) -> impl Iterator<Item = Event> {
        let started = self.started();
        let at = read_back::timestamp(started.at);
        let began = Event::SessionStarted {
            at,
            seed: started.seed,
            ran: self.recovered.ran.time(),
        };
        let of_tasks = (0..self.graph.len() as TaskIndex).flat_map(|task| self.of_task(task));
        let ended = self.recovered.ended.as_ref().and_then(|ended| {
            Some(Event::SessionEnded {
                at: read_back::timestamp(ended.at).max(at),
                ran: self.recovered.ran.time(),
                status: named(&ended.status)?,
            })
        });
        std::iter::once(began).chain(of_tasks).chain(ended)
    }

    fn of_task(&self, task: TaskIndex) -> Vec<Event> {
        let attempts = self.recovered.attempts.get(&task).into_iter().flatten();
        let ended = self.recovered.settled.get(&task);
        let last = ended.and_then(|ended| ended.last.as_ref());
        let record = ended.map(read_back::without_results);
        events(task, attempts.chain(last).cloned(), record)
    }

    /// The tasks that are over, in order, with their results, which are read one
    /// at a time.
    pub(crate) fn ends(&self) -> impl Iterator<Item = (TaskIndex, Result<TaskRecord, LostResult>)> {
        let tasks = 0..self.graph.len() as TaskIndex;
        tasks.filter_map(|task| {
            let kept = self.recovered.settled.get(&task)?;
            Some((task, read_back::ended(kept, &self.out)))
        })
    }
}

/// The tasks of a session, as it began with them.
pub(super) fn tasks_of(folder: &Path, recovered: &Recovered) -> Result<Graph, ArchiveError> {
    let digest = Digest(*recovered.started.tasks_digest);
    tasks::read(folder, digest).map_err(|source| ArchiveError::TasksUnread {
        folder: folder.to_owned(),
        source,
    })
}
