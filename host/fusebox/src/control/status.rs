//! What each task of a session is doing now, and what it did before: the progress
//! of the session, with the attempts of its tasks and a clock.
//!
//! Memory is bounded by the tasks that are under way: those that are over are
//! counted, with one bit each, and only the last thousand are remembered.

mod past;
mod show;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use self::past::Past;
use super::view::{Ending, ReasonCount};
use crate::report::{PatternEntry, Patterns};
use crate::session::Graph;
use fusebox_events::{Event, SessionProgress, TaskRecord};
use fusebox_system::wall_clock;
use fusebox_types::failure::Failure;
use fusebox_types::{TaskIndex, TaskStatus};

/// How many tasks that are over are remembered.
const REMEMBERED: usize = 1000;

/// What each task of a session is doing now.
#[derive(Debug)]
pub(crate) struct Status {
    graph: Arc<Graph>,
    progress: SessionProgress,
    /// Since when it runs in this process.
    running: Option<Instant>,
    /// What the tasks did before that are not over.
    past: HashMap<TaskIndex, Past>,
    /// A bit for each task: whether it is over.
    over: Vec<u64>,
    last: VecDeque<Over>,
    reasons: Vec<ReasonCount>,
    patterns: Patterns,
}

/// A task that is over.
#[derive(Debug)]
struct Over {
    task: TaskIndex,
    status: TaskStatus,
    reason: Option<Ending>,
    not_before: Option<Timestamp>,
    failure: Option<Arc<Failure>>,
    past: Past,
}

impl Status {
    /// Nothing has happened yet.
    pub(crate) fn new(graph: Arc<Graph>) -> Self {
        Self {
            progress: SessionProgress::new(graph.len()),
            over: vec![0; graph.len().div_ceil(64)],
            graph,
            running: None,
            past: HashMap::new(),
            last: VecDeque::new(),
            reasons: Vec::new(),
            patterns: Patterns::default(),
        }
    }

    /// Patterns among the failures so far.
    pub(crate) fn patterns(&self) -> Vec<PatternEntry> {
        let now = wall_clock::now();
        let started = self.progress.start().map_or(now, |start| start.at);
        self.patterns.found(started, now)
    }

    /// Takes note of an event.
    pub(crate) fn read(&mut self, event: &Event) {
        self.progress.read(event);
        self.patterns.read(event, &self.graph);
        match event {
            Event::SessionStarted { .. } => self.running = Some(Instant::now()),
            Event::SessionEnded { .. } => self.running = None,
            Event::AttemptEnded { task, attempt, .. } => self.past.entry(*task).or_default().add(attempt),
            Event::TaskEnded { task, record } => self.over(*task, record),
            _ => {}
        }
    }

    fn over(&mut self, task: TaskIndex, record: &TaskRecord) {
        if let Some(bits) = self.over.get_mut(task as usize / 64) {
            *bits |= 1 << (task % 64);
        }
        let reason = ending(record);
        self.count(reason);
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back(Over {
            task,
            status: record.status,
            reason,
            not_before: record.not_before,
            failure: record.failure.clone(),
            past: self.past.remove(&task).unwrap_or_default(),
        });
    }

    fn count(&mut self, reason: Option<Ending>) {
        let Some(reason) = reason else { return };
        match self.reasons.iter_mut().find(|known| known.reason == reason) {
            Some(known) => known.count += 1,
            None => self.reasons.push(ReasonCount { reason, count: 1 }),
        }
    }
}

fn ending(record: &TaskRecord) -> Option<Ending> {
    match (record.reason, record.status) {
        (Some(reason), _) => Some(Ending::GaveUp(reason)),
        (None, TaskStatus::Succeeded) => Some(Ending::Succeeded),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests;
