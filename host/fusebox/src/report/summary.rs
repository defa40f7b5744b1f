//! What a session came to, in a few figures: folded from its events.

mod failure;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::breakers::Breakers;
use super::failure_groups::{FailureGroup, FailureGroups};
use super::model::{PatternEntry, RecoveryEntry, SessionEntry};
use super::recovery::{self, Resumable};
use super::{Patterns, Reader, millis, time};
use crate::pools::Quarantines;
use crate::session::Graph;
use fusebox_events::{Event, InstanceView, QuarantineView, TaskRecord};
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
    seed: u64,
    started: Timestamp,
    finished: Timestamp,
    ran: Duration,
    ended: Option<SessionStatus>,
    attempts: HashMap<TaskIndex, u32>,
    /// Whether each task was run and is over.
    did_run: Vec<bool>,
    /// How many tasks came to what.
    pub counts: Counts,
    failures: FailureGroups,
    /// The ids of the first required tasks that have nothing.
    required_missing: Vec<String>,
    /// The ids of the first tasks that were skipped.
    pub not_run: Vec<String>,
    /// The ids of the first tasks that were cancelled.
    pub cancelled: Vec<String>,
    /// Tasks that ran before one that they come after had the whole result that
    /// it has now.
    stale: Vec<TaskIndex>,
    breakers: Breakers,
    quarantines: Quarantines,
    /// How the instances did, as they were at the end.
    pub instances: Vec<InstanceView>,
    patterns: Patterns,
}

impl Summary {
    /// Nothing has happened yet.
    pub fn new(id: String, source: String, graph: Arc<Graph>) -> Self {
        let now = wall_clock::now();
        let counts = Counts {
            total: graph.len() as u64,
            ..Counts::default()
        };
        Self {
            did_run: vec![false; graph.len()],
            stale: Vec::new(),
            id,
            source,
            graph,
            seed: 0,
            started: now,
            finished: now,
            ran: Duration::ZERO,
            ended: None,
            attempts: HashMap::new(),
            counts,
            failures: FailureGroups::default(),
            required_missing: Vec::new(),
            not_run: Vec::new(),
            cancelled: Vec::new(),
            breakers: Breakers::default(),
            quarantines: Quarantines::default(),
            instances: Vec::new(),
            patterns: Patterns::new(),
        }
    }

    /// The session as the report writes it.
    pub fn session(&self) -> SessionEntry {
        SessionEntry {
            id: self.id.clone(),
            source: self.source.clone(),
            status: self.ended.unwrap_or(SessionStatus::Cancelled),
            seed: self.seed,
            started: time(self.started),
            finished: time(self.finished),
            duration_ms: millis(self.ran),
        }
    }

    /// Failures by agent and code.
    pub fn groups(&self) -> impl Iterator<Item = &FailureGroup> {
        self.failures.all()
    }

    /// Instances that were taken out of their pools, or would have been.
    pub fn quarantined(&self) -> impl Iterator<Item = &QuarantineView> {
        self.quarantines.all()
    }

    /// What can be done next, as commands that work when they are pasted: of a
    /// session that is kept, they go on with it.
    pub fn recovery(&self, resumable: Option<&Resumable>) -> Vec<RecoveryEntry> {
        recovery::options(self, resumable)
    }

    /// Patterns among the failures.
    pub fn patterns(&self) -> Vec<PatternEntry> {
        let now = || wall_clock::now().max(self.finished);
        self.patterns
            .found(self.ended.map_or_else(now, |_| self.finished))
    }

    fn task(&mut self, index: TaskIndex, record: &TaskRecord) {
        let attempts = self.attempts.remove(&index).unwrap_or(0);
        self.counts.add(record.status, attempts);
        let graph = self.graph.clone();
        let Some(task) = graph.task(index) else { return };
        self.ended(index, record);
        let has_nothing = !matches!(record.status, TaskStatus::Succeeded | TaskStatus::Degraded);
        if task.required && has_nothing && self.required_missing.len() < NAMED {
            self.required_missing.push(task.id.to_string());
        }
        match (record.status, &record.failure) {
            (TaskStatus::Succeeded, _) => {}
            (TaskStatus::Failed | TaskStatus::Degraded, Some(failure)) => {
                let (agent, tries) = (graph.agent_of(task), (attempts, record.reason));
                self.failures.add(agent, &task.id, failure, tries);
            }
            (TaskStatus::Cancelled, _) if self.cancelled.len() < NAMED => {
                self.cancelled.push(task.id.to_string())
            }
            (TaskStatus::Cancelled, _) => {}
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
        self.quarantines.read(event);
        self.breakers.read(event);
        self.patterns.read(event, &self.graph);
        match event {
            Event::Instances(instances) => self.instances.clone_from(instances),
            Event::SessionStarted { at, seed, ran } => {
                (self.started, self.finished) = (*at, *at);
                (self.seed, self.ran) = (*seed, *ran);
            }
            Event::AttemptEnded { task, attempt, .. } if attempt.number > 1 || attempt.failure.is_some() => {
                self.attempts.insert(*task, attempt.number);
            }
            Event::TaskEnded { task, record } => self.task(*task, record),
            Event::SessionEnded { at, ran, status } => {
                (self.finished, self.ran) = (*at, *ran);
                self.ended = Some(*status);
            }
            Event::AttemptStarted { .. }
            | Event::AttemptEnded { .. }
            | Event::Progress { .. }
            | Event::RetryScheduled { .. }
            | Event::Circuit { .. }
            | Event::Instance { .. }
            | Event::PolicyStrike { .. }
            | Event::QuotaWarning { .. }
            | Event::Reload { .. } => {}
        }
    }
}
