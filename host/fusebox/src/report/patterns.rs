//! Patterns among the failures of a session, folded from its events.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::model::PatternEntry;
use super::time;
use crate::session::Graph;
use fusebox_events::{AttemptRecord, Event};
use fusebox_resilience::patterns::{FailureLog, Pattern, Watched};
use fusebox_types::TaskIndex;
use fusebox_types::failure::Code;

/// The failures of a session, as far as patterns need them. Memory does not grow with
/// them, only with the tasks that are under way. What happened before a session was
/// resumed is told before its beginning, so times are those of the clock on the wall.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    log: FailureLog,
    /// With which codes attempts of tasks failed that are not over.
    open: HashMap<TaskIndex, Vec<Code>>,
}

impl Patterns {
    /// Takes note of an event.
    pub(crate) fn read(&mut self, event: &Event, graph: &Graph) {
        match event {
            Event::AttemptEnded { task, attempt, .. } => self.attempt(*task, attempt, graph),
            Event::TaskEnded { task, .. } => drop(self.open.remove(task)),
            _ => {}
        }
    }

    fn attempt(&mut self, task: TaskIndex, attempt: &AttemptRecord, graph: &Graph) {
        let Some(of) = graph.task(task) else { return };
        // One that stood in has instances of its own.
        let agent = attempt.agent.as_deref().unwrap_or_else(|| graph.agent_of(of));
        let at = since_epoch(attempt.started).saturating_add(attempt.usage.wall);
        let Some(failure) = attempt.failure.as_deref() else {
            let failed = self.open.remove(&task).unwrap_or_default();
            return self.log.succeeded((agent, attempt.instance), at, &failed);
        };
        // Back-pressure and what the operator ended follow from something else. Why what
        // stands comes together is known.
        if failure.code.is_shed() || failure.code == Code::Cancelled || failure.code.is_standing() {
            return;
        }
        self.log.record(failure, agent, attempt.instance, at);
        let failed = self.open.entry(task).or_default();
        if !failed.contains(&failure.code) {
            failed.push(failure.code.clone());
        }
    }

    /// The patterns that there are in what was seen from one moment to another,
    /// the most frequent first; of too few failures nothing is said.
    pub(crate) fn found(&self, from: Timestamp, to: Timestamp) -> Vec<PatternEntry> {
        let watched = Watched {
            from: since_epoch(from),
            to: since_epoch(to),
        };
        let patterns = self.log.analyse(watched);
        patterns.into_iter().filter_map(entry).collect()
    }
}

fn entry(pattern: Pattern) -> Option<PatternEntry> {
    let kind = pattern.kind.filter(|_| pattern.has_times_of_its_own)?;
    let instances = pattern.places.iter();
    Some(PatternEntry {
        id: pattern.id,
        code: pattern.code.to_string(),
        category: pattern.category,
        kind,
        count: pattern.count,
        first: time(timestamp(pattern.first)),
        last: time(timestamp(pattern.last)),
        instances: instances.map(|affected| affected.place.to_string()).collect(),
        auto_recovery: pattern.auto_recovery,
        recommendation: pattern.recommendation,
    })
}

/// None for what was before.
fn since_epoch(at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default()
}

fn timestamp(since_epoch: Duration) -> Timestamp {
    let passed = SignedDuration::try_from(since_epoch).unwrap_or(SignedDuration::MAX);
    Timestamp::UNIX_EPOCH
        .checked_add(passed)
        .unwrap_or(Timestamp::MAX)
}
