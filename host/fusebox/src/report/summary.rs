//! What a session came to, in a few figures: folded from its events.

mod failure;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::failure_groups::{FailureGroup, FailureGroups};
use super::held::HeldTasks;
use super::model::{HoldEntry, PatternEntry, RecoveryEntry, SessionEntry};
use super::recovery::{self, Resumable};
use super::{Patterns, Reader, millis, time};
use crate::session::Graph;
use fusebox_events::{Event, Hold, InstanceView, QuarantineView, SessionProgress, TaskRecord};
use fusebox_store::output_dir::OutputError;
use fusebox_system::wall_clock;
use fusebox_types::{Counts, SessionStatus, TaskIndex, TaskStatus};

/// How many tasks of a kind are named.
pub(super) const NAMED: usize = 20;

/// What a session came to.
#[derive(Debug)]
pub struct Summary {
    id: String,
    source: String,
    graph: Arc<Graph>,
    progress: SessionProgress,
    /// Whether each task was run and is over.
    did_run: Vec<bool>,
    failures: FailureGroups,
    /// The ids of the first required tasks that have nothing.
    required_missing: Vec<String>,
    /// The ids of the first tasks that were skipped.
    pub not_run: Vec<String>,
    /// The ids of the first tasks that were cancelled.
    pub cancelled: Vec<String>,
    /// The tasks that were held when the session ended.
    pub(super) held: HeldTasks,
    /// Tasks that ran before one that they come after had the whole result that
    /// it has now.
    stale: Vec<TaskIndex>,
    /// How the instances did, as they were at the end.
    pub instances: Vec<InstanceView>,
    patterns: Patterns,
}

impl Summary {
    /// Nothing has happened yet.
    pub fn new(id: String, source: String, graph: Arc<Graph>) -> Self {
        Self {
            progress: SessionProgress::new(graph.len()),
            did_run: vec![false; graph.len()],
            stale: Vec::new(),
            id,
            source,
            graph,
            failures: FailureGroups::default(),
            required_missing: Vec::new(),
            not_run: Vec::new(),
            cancelled: Vec::new(),
            held: HeldTasks::default(),
            instances: Vec::new(),
            patterns: Patterns::default(),
        }
    }

    /// The session as the report writes it.
    pub fn session(&self) -> SessionEntry {
        let (start, end) = (self.progress.start(), self.progress.end());
        let started = self.started();
        SessionEntry {
            id: self.id.clone(),
            source: self.source.clone(),
            status: end.map_or(SessionStatus::Cancelled, |end| end.status),
            seed: start.map_or(0, |start| start.seed),
            started: time(started),
            finished: time(end.map_or(started, |end| end.at)),
            duration_ms: millis(self.progress.ran()),
        }
    }

    /// How many tasks came to what.
    pub fn counts(&self) -> Counts {
        self.progress.counts()
    }

    fn started(&self) -> Timestamp {
        self.progress
            .start()
            .map_or_else(wall_clock::now, |start| start.at)
    }

    /// Failures by agent and code.
    pub fn groups(&self) -> impl Iterator<Item = &FailureGroup> {
        self.failures.all()
    }

    /// Instances that were taken out of their pools, or would have been.
    pub fn quarantined(&self) -> impl Iterator<Item = &QuarantineView> {
        self.progress.quarantines()
    }

    /// What can be done next, as commands that work when they are pasted: of a
    /// session that is kept, they go on with it.
    pub fn recovery(&self, resumable: Option<&Resumable>) -> Vec<RecoveryEntry> {
        recovery::options(self, resumable)
    }

    /// Patterns among the failures.
    pub fn patterns(&self) -> Vec<PatternEntry> {
        self.patterns.found(self.started(), self.last())
    }

    /// Breakers that held tasks back.
    pub(super) fn holds(&self) -> Vec<HoldEntry> {
        let entry = |hold: &Hold| HoldEntry {
            by: hold.by.to_string(),
            since: time(hold.since),
            until: hold.until.map(time),
            tasks: hold.tasks,
            most_tasks: hold.most,
            total_ms: u64::try_from(hold.total(self.last()).as_millis()).unwrap_or(u64::MAX),
        };
        self.progress.holds().map(entry).collect()
    }

    /// When it ended; now, if it has not.
    fn last(&self) -> Timestamp {
        let now = || wall_clock::now().max(self.started());
        self.progress.end().map_or_else(now, |end| end.at)
    }

    fn task(&mut self, index: TaskIndex, record: &TaskRecord) {
        let attempts = self.progress.open_task(index).map_or(0, |open| open.attempts);
        let graph = self.graph.clone();
        let Some(task) = graph.task(index) else { return };
        self.ended(index, record);
        // One that is held may still have what is required of it.
        let has_nothing = !record.status.is_usable() && record.status != TaskStatus::Held;
        if task.required && has_nothing && self.required_missing.len() < NAMED {
            self.required_missing.push(task.id.to_string());
        }
        match (record.status, &record.failure) {
            (TaskStatus::Succeeded, _) => {}
            (TaskStatus::Failed | TaskStatus::Degraded, Some(_)) => {
                self.failures
                    .add(graph.agent_of(task), &task.id, attempts, record);
            }
            (TaskStatus::Cancelled, _) if self.cancelled.len() < NAMED => {
                self.cancelled.push(task.id.to_string())
            }
            (TaskStatus::Cancelled, _) => {}
            (TaskStatus::Held, _) => self.held.add(&task.id, record),
            _ if self.not_run.len() < NAMED => self.not_run.push(task.id.to_string()),
            _ => {}
        }
    }
}

impl Summary {
    /// A task is over. If others that come after it ran before, they ran without
    /// the whole result that it has now: it had none then, and was run again.
    fn ended(&mut self, index: TaskIndex, record: &TaskRecord) {
        if record.status == TaskStatus::Succeeded {
            let before = self.graph.dependants(index).iter();
            let before = before.filter(|task| self.has_run(**task));
            self.stale.extend(before.copied().collect::<Vec<_>>());
        }
        if let Some(ran) = self.did_run.get_mut(index as usize) {
            *ran = record.instance.is_some();
        }
    }

    fn has_run(&self, task: TaskIndex) -> bool {
        self.did_run.get(task as usize).is_some_and(|ran| *ran)
    }

    /// The tasks that ran without a result that is there now, and those that
    /// were handed what these gave: the ids, in order.
    pub fn ran_without(&self) -> Vec<String> {
        let (mut open, mut found) = (self.stale.clone(), BTreeSet::new());
        while let Some(task) = open.pop() {
            if self.has_run(task) && found.insert(task) {
                open.extend(self.graph.dependants(task));
            }
        }
        let id = |task: TaskIndex| Some(self.graph.task(task)?.id.to_string());
        found.into_iter().filter_map(id).collect()
    }
}

impl Reader for Summary {
    fn read(&mut self, event: &Event) -> Result<(), OutputError> {
        self.note(event);
        Ok(())
    }
}

impl Summary {
    /// Takes note of an event.
    pub(crate) fn note(&mut self, event: &Event) {
        self.patterns.read(event, &self.graph);
        match event {
            Event::Instances(instances) => self.instances.clone_from(instances),
            // While it is known how many attempts the task had.
            Event::TaskEnded { task, record } => self.task(*task, record),
            _ => {}
        }
        self.progress.read(event);
    }
}

#[cfg(test)]
mod tests;
