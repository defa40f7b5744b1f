//! Many failures of one kind.

use jiff::Timestamp;

use crate::config::{NoticeLevel, NoticeTopic};
use crate::notices::alert::{Alert, AlertChange, Lasts};
use crate::report::{PatternEntry, Patterns};
use crate::session::Graph;
use fusebox_events::Event;
use fusebox_system::wall_clock;

/// Failures before the first look: fewer make no pattern.
const FIRST_LOOK: u64 = 8;

/// Looks for patterns as failures come.
pub(super) struct Watch {
    patterns: Patterns,
    failures: u64,
    next_look: u64,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            patterns: Patterns::default(),
            failures: 0,
            next_look: FIRST_LOOK,
        }
    }

    /// The patterns that there are, at some events: the more failures there
    /// were, the more have to come before the next look, so that all looks
    /// together cost little.
    pub(super) fn read(&mut self, event: &Event, graph: &Graph, began: Timestamp) -> Vec<AlertChange> {
        self.patterns.read(event, graph);
        let Event::AttemptEnded { attempt, .. } = event else {
            return Vec::new();
        };
        self.failures += u64::from(attempt.failure.is_some());
        if self.failures < self.next_look {
            return Vec::new();
        }
        self.next_look = self.failures + (self.failures / 4).max(FIRST_LOOK);
        let now = wall_clock::now();
        let found = self.patterns.found(began, now);
        found.iter().map(|pattern| said(pattern, now)).collect()
    }
}

fn said(pattern: &PatternEntry, at: Timestamp) -> AlertChange {
    let what = format!(
        "{} failures {}: {}",
        pattern.count,
        pattern.code,
        pattern.kind.name()
    );
    let key = format!("pattern:{}", pattern.code);
    let alert = Alert::new(NoticeTopic::Pattern, NoticeLevel::Warning, &key, at, &what);
    let places = pattern.instances.iter().take(5).cloned();
    let why = format!("of {}", places.collect::<Vec<_>>().join(", "));
    let alert = alert.because(&why).then(&pattern.recommendation);
    AlertChange::Begins(alert.lasting(Lasts::UntilEnded))
}
