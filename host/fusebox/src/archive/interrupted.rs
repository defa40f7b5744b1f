//! A session that was stopped, and what is left of it.

use std::sync::Arc;

use super::ArchiveError;
use super::failure::named;
use super::session_archive::tasks_of;
use crate::report::OutputDir;
use crate::session::Graph;
use fusebox_store::journal::record::Started;
use fusebox_store::journal::{Fate, Gone, Grouping, Journal, Recovered, RunAgain, plan};
use fusebox_types::SessionStatus;
use fusebox_types::digest::Digest;

/// Which tasks that are over are to be run again.
#[derive(Debug, Default)]
pub struct Again {
    /// Those that failed or are partial.
    pub failed: bool,
    /// Only these of them; empty for all.
    pub only: Vec<String>,
    /// With those that ran without the results of tasks that have theirs now, or
    /// are about to.
    pub with_dependants: bool,
    /// With new idempotency keys, those that are over.
    pub new_keys: bool,
}

/// A session that was stopped, or is over. It is this process's now.
#[derive(Debug)]
pub struct Interrupted {
    pub(super) journal: Journal,
    pub(super) recovered: Recovered,
    pub(super) out: Arc<OutputDir>,
    pub(super) graph: Arc<Graph>,
}

impl Interrupted {
    /// Opens the session of a directory. A torn tail of its journal is cut off.
    ///
    /// # Errors
    /// If there is none, another process has it, or it cannot be read.
    pub fn open(out: Arc<OutputDir>) -> Result<Self, ArchiveError> {
        let folder = out.path();
        let (journal, recovered) = Journal::open(folder, Grouping::default())?;
        let graph = tasks_of(folder, &recovered)?;
        Ok(Self {
            journal,
            recovered,
            graph: Arc::new(graph),
            out,
        })
    }

    /// Its tasks.
    pub fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    /// How it began.
    pub fn started(&self) -> &Started {
        &self.recovered.started
    }

    /// Bytes of a torn tail that were cut off.
    pub fn repaired(&self) -> Option<u64> {
        self.recovered.torn.map(|torn| torn.bytes)
    }

    /// What had been durable of the journal's end and is gone, if anything is.
    pub fn gone(&self) -> Option<Gone> {
        self.recovered.gone
    }

    /// The boards that took the place of the original, by their digests.
    pub fn boards(&self) -> Vec<Digest> {
        self.recovered
            .boards
            .iter()
            .map(|digest| Digest(**digest))
            .collect()
    }

    /// What the session came to, if it is over, all of it is written, and
    /// nothing is to be run again.
    pub fn over(&self, again: &Again) -> Option<SessionStatus> {
        let ended = self
            .recovered
            .ended
            .as_ref()
            .filter(|_| self.recovered.reported)?;
        let is_kept = |fate: &Fate| *fate == Fate::Keep;
        let all_kept = self.fates(again).iter().all(is_kept);
        named(&ended.status).filter(|_| all_kept)
    }

    /// The tasks that ran without a result that is there now, and those that were
    /// handed what these gave.
    pub fn ran_without(&self) -> Vec<String> {
        let again = Again {
            with_dependants: true,
            ..Again::default()
        };
        let fates = (0..).zip(self.fates(&again));
        let reopened = fates.filter(|(_, fate)| *fate == Fate::Reopen);
        let id = |(task, _)| Some(self.graph.task(task)?.id.to_string());
        reopened.filter_map(id).collect()
    }

    pub(super) fn fates(&self, again: &Again) -> Vec<Fate> {
        let is_named = |task: u32| {
            let id = self.graph.task(task).map_or("", |task| &*task.id);
            again.only.is_empty() || again.only.iter().any(|only| only == id)
        };
        let again = RunAgain {
            failed: |task| again.failed && is_named(task),
            with_dependants: again.with_dependants,
        };
        plan(&self.recovered, |task| self.graph.dependants(task), &again)
    }
}
