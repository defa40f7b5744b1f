//! What a session came to, in a few figures: folded from its events.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::model::{PatternEntry, RecoveryEntry, SessionEntry};
use super::output_dir::OutputError;
use super::recovery::{self, Resumable};
use super::{Patterns, Reader, millis, time};
use crate::event::{Event, TaskRecord};
use crate::failure::Failure;
use crate::pools::{InstanceView, QuarantineView, Quarantines};
use crate::session::{Counts, GiveUp, Graph, SessionStatus, TaskIndex, TaskStatus};

/// How many tasks of a group are named.
const NAMED: usize = 20;
/// How many groups are kept apart; a guest's codes are an open set.
const GROUPS: usize = 200;

/// Failures of one code by one agent.
#[derive(Debug, Clone)]
pub struct FailureGroup {
    /// The agent.
    pub agent: String,
    /// One of them.
    pub sample: Arc<Failure>,
    /// How many tasks ended so.
    pub count: u64,
    /// How many attempts the first of them took.
    pub attempts: u32,
    /// Why nothing more was tried then.
    pub reason: Option<GiveUp>,
    /// The ids of the first of them.
    pub tasks: Vec<String>,
}

/// What a session came to.
#[derive(Debug)]
pub struct Summary {
    id: String,
    source: String,
    graph: Arc<Graph>,
    seed: u64,
    started: Timestamp,
    finished: Timestamp,
    status: SessionStatus,
    attempts: HashMap<TaskIndex, u32>,
    /// How many tasks came to what.
    pub counts: Counts,
    groups: BTreeMap<(String, String), FailureGroup>,
    /// Tasks that failed and are in no group, because there are too many codes.
    pub ungrouped: u64,
    /// The ids of the first tasks that were skipped.
    pub not_run: Vec<String>,
    /// The ids of the first tasks that were cancelled.
    pub cancelled: Vec<String>,
    quarantines: Quarantines,
    /// How the instances did, as they were at the end.
    pub instances: Vec<InstanceView>,
    patterns: Patterns,
}

impl Summary {
    /// Nothing has happened yet.
    pub fn new(id: String, source: String, graph: Arc<Graph>) -> Self {
        let now = Timestamp::now();
        let counts = Counts {
            total: graph.len() as u64,
            ..Counts::default()
        };
        Self {
            id,
            source,
            graph,
            seed: 0,
            started: now,
            finished: now,
            status: SessionStatus::Cancelled,
            attempts: HashMap::new(),
            counts,
            groups: BTreeMap::new(),
            ungrouped: 0,
            not_run: Vec::new(),
            cancelled: Vec::new(),
            quarantines: Quarantines::default(),
            instances: Vec::new(),
            patterns: Patterns::new(),
        }
    }

    /// The session as the report writes it.
    pub fn session(&self) -> SessionEntry {
        let duration = self.finished.duration_since(self.started);
        SessionEntry {
            id: self.id.clone(),
            source: self.source.clone(),
            status: self.status,
            seed: self.seed,
            started: time(self.started),
            finished: time(self.finished),
            duration_ms: millis(duration.unsigned_abs()),
        }
    }

    /// Failures by agent and code.
    pub fn groups(&self) -> impl Iterator<Item = &FailureGroup> {
        self.groups.values()
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
        self.patterns.found(self.finished)
    }

    fn task(&mut self, index: TaskIndex, record: &TaskRecord) {
        let attempts = self.attempts.remove(&index).unwrap_or(0);
        self.counts.add(record.status, attempts);
        let graph = self.graph.clone();
        let Some(task) = graph.task(index) else { return };
        match (record.status, &record.failure) {
            (TaskStatus::Succeeded, _) => {}
            (TaskStatus::Failed | TaskStatus::Degraded, Some(failure)) => {
                self.group(graph.agent_of(task), &task.id, failure, (attempts, record.reason));
            }
            (TaskStatus::Cancelled, _) if self.cancelled.len() < NAMED => {
                self.cancelled.push(task.id.to_string())
            }
            (TaskStatus::Cancelled, _) => {}
            _ if self.not_run.len() < NAMED => self.not_run.push(task.id.to_string()),
            _ => {}
        }
    }

    fn group(
        &mut self,
        agent: &str,
        task: &str,
        failure: &Arc<Failure>,
        (attempts, reason): (u32, Option<GiveUp>),
    ) {
        let key = (failure.code.to_string(), agent.to_owned());
        if !self.groups.contains_key(&key) && self.groups.len() >= GROUPS {
            self.ungrouped += 1;
            return;
        }
        let group = self.groups.entry(key).or_insert_with(|| FailureGroup {
            agent: agent.to_owned(),
            sample: failure.clone(),
            count: 0,
            attempts,
            reason,
            tasks: Vec::new(),
        });
        // That one of them ended the session is told before what the first came to.
        if reason == Some(GiveUp::FailsSession) {
            (group.sample, group.attempts, group.reason) = (failure.clone(), attempts, reason);
        }
        group.count += 1;
        if group.tasks.len() < NAMED {
            group.tasks.push(task.to_owned());
        }
    }
}

impl Reader for Summary {
    fn read(&mut self, event: &Event) -> Result<(), OutputError> {
        self.quarantines.read(event);
        self.patterns.read(event, &self.graph);
        match event {
            Event::Instances(instances) => self.instances.clone_from(instances),
            Event::SessionStarted { at, seed } => (self.started, self.seed) = (*at, *seed),
            Event::AttemptEnded { task, attempt, .. } if attempt.number > 1 || attempt.failure.is_some() => {
                self.attempts.insert(*task, attempt.number);
            }
            Event::TaskEnded { task, record } => self.task(*task, record),
            Event::SessionEnded { at, status } => {
                self.finished = *at;
                self.status = *status;
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
        Ok(())
    }
}
