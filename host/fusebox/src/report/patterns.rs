//! Patterns among the failures of a session, folded from its events.

use jiff::{SignedDuration, Timestamp};

use super::model::PatternEntry;
use super::time;
use crate::session::Graph;
use fusebox_events::{AttemptRecord, Event};
use fusebox_resilience::patterns::{FailureLog, Pattern, Watched};
use fusebox_system::wall_clock;
use fusebox_types::TaskIndex;
use fusebox_types::failure::Code;

/// The failures of a session, as far as patterns need them. Memory does not
/// grow with them.
#[derive(Debug)]
pub(crate) struct Patterns {
    started: Timestamp,
    failures: FailureLog,
}

impl Patterns {
    pub(crate) fn new() -> Self {
        Self {
            started: wall_clock::now(),
            failures: FailureLog::default(),
        }
    }

    /// Takes note of an event.
    pub(crate) fn read(&mut self, event: &Event, graph: &Graph) {
        match event {
            Event::SessionStarted { at, .. } => self.started = *at,
            Event::AttemptEnded { task, attempt, .. } => self.attempt(*task, attempt, graph),
            _ => {}
        }
    }

    fn attempt(&mut self, task: TaskIndex, attempt: &AttemptRecord, graph: &Graph) {
        // Back-pressure and what the operator ended follow from something else.
        let told = |code: &Code| !code.is_shed() && *code != Code::Cancelled;
        let failure = attempt.failure.as_deref().filter(|failure| told(&failure.code));
        let (Some(failure), Some(task)) = (failure, graph.task(task)) else {
            return;
        };
        let began = self.since_start(attempt.started);
        let at = began.saturating_add(attempt.usage.wall);
        self.failures
            .record(failure, graph.agent_of(task), attempt.instance, at);
    }

    /// The patterns that there are in what was seen until now, the most frequent
    /// first; of too few failures nothing is said.
    pub(crate) fn found(&self, now: Timestamp) -> Vec<PatternEntry> {
        let watched = Watched {
            from: std::time::Duration::ZERO,
            to: self.since_start(now),
        };
        let patterns = self.failures.analyse(watched);
        patterns
            .into_iter()
            .filter_map(|pattern| self.entry(pattern))
            .collect()
    }

    fn entry(&self, pattern: Pattern) -> Option<PatternEntry> {
        let kind = pattern.kind?;
        let instances = pattern.places.iter();
        Some(PatternEntry {
            id: pattern.id,
            code: pattern.code.to_string(),
            category: pattern.category,
            kind,
            count: pattern.count,
            first: time(self.timestamp(pattern.first)),
            last: time(self.timestamp(pattern.last)),
            instances: instances.map(|affected| affected.place.to_string()).collect(),
            auto_recovery: pattern.auto_recovery,
            recommendation: pattern.recommendation,
        })
    }

    /// The time from the session's start; none for what was before.
    fn since_start(&self, at: Timestamp) -> std::time::Duration {
        let passed = at.duration_since(self.started);
        std::time::Duration::try_from(passed).unwrap_or_default()
    }

    fn timestamp(&self, at: std::time::Duration) -> Timestamp {
        let passed = SignedDuration::try_from(at).unwrap_or(SignedDuration::MAX);
        self.started.checked_add(passed).unwrap_or(Timestamp::MAX)
    }
}
