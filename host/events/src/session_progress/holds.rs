//! Breakers that hold tasks back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{Event, HeldTasks};

/// What a breaker holds back, or held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The breaker, such as `upstream:llm`.
    pub by: Arc<str>,
    /// Since when it holds tasks, or when it last began to.
    pub since: Timestamp,
    /// When the next of them may try; none if a person has to act, or if it holds
    /// none any more.
    pub until: Option<Timestamp>,
    /// How many it holds; 0 if none any more.
    pub tasks: u64,
    /// The most that it held at once, since then.
    pub most: u64,
    /// For how long it had held tasks before that was last counted.
    held: Duration,
}

impl Hold {
    /// Nothing is held yet.
    fn new(by: &Arc<str>, at: Timestamp) -> Self {
        Self {
            by: by.clone(),
            since: at,
            until: None,
            tasks: 0,
            most: 0,
            held: Duration::ZERO,
        }
    }

    /// Whether it holds anything.
    pub fn is_on(&self) -> bool {
        self.tasks > 0
    }

    /// For how long it has held tasks until a moment, all in all.
    pub fn total(&self, now: Timestamp) -> Duration {
        let here = match self.is_on() {
            true => between(self.since, now),
            false => Duration::ZERO,
        };
        self.held.saturating_add(here)
    }

    /// It holds so many from a moment on.
    fn change(&mut self, at: Timestamp, until: Option<Timestamp>, tasks: u64) {
        match (self.is_on(), tasks > 0) {
            (false, true) => (self.since, self.most) = (at, tasks),
            (true, false) => self.held = self.total(at),
            _ => {}
        }
        (self.until, self.tasks, self.most) = (until, tasks, self.most.max(tasks));
    }
}

impl From<&Hold> for HeldTasks {
    fn from(hold: &Hold) -> Self {
        Self {
            tasks: hold.tasks,
            next: hold.until.map(|until| format!("{until:.3}")),
        }
    }
}

/// None, if the clock was set back between the two.
fn between(from: Timestamp, to: Timestamp) -> Duration {
    let passed: SignedDuration = to.duration_since(from);
    Duration::try_from(passed).unwrap_or_default()
}

/// Breakers that hold tasks back or did, by their keys.
#[derive(Debug, Default)]
pub(super) struct Holds(BTreeMap<Arc<str>, Hold>);

impl Holds {
    /// Takes note of an event, if it is about what is held.
    pub(super) fn read(&mut self, event: &Event) {
        let Event::Hold { by, at, until, tasks } = event else {
            return;
        };
        // That one holds nothing is no news if it never did.
        if *tasks == 0 && !self.0.contains_key(by) {
            return;
        }
        let hold = self.0.entry(by.clone()).or_insert_with(|| Hold::new(by, *at));
        let until = until.filter(|_| *tasks > 0);
        hold.change(*at, until, *tasks);
    }

    /// How many tasks are held in all.
    pub(super) fn tasks(&self) -> u64 {
        self.0.values().map(|hold| hold.tasks).sum()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Hold> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(1_000_000 + seconds, 0).unwrap()
    }

    /// The holds after an upstream held so many at these times.
    fn holds(told: &[(i64, u64)]) -> Vec<Hold> {
        let mut holds = Holds::default();
        for (seconds, tasks) in told {
            holds.read(&Event::Hold {
                by: "upstream:llm".into(),
                at: at(*seconds),
                until: Some(at(*seconds + 10)),
                tasks: *tasks,
            });
        }
        holds.all().cloned().collect()
    }

    #[test]
    fn a_hold_lasts_from_its_first_task_to_its_last() {
        let on = &holds(&[(0, 3), (4, 24), (9, 2)])[0];
        assert_eq!(
            (on.since, on.until, on.tasks, on.most),
            (at(0), Some(at(19)), 2, 24)
        );
        assert_eq!(on.total(at(14)), Duration::from_secs(14));
        let over = &holds(&[(0, 3), (4, 24), (14, 0)])[0];
        assert_eq!((over.until, over.tasks, over.most), (None, 0, 24));
        assert_eq!(over.total(at(100)), Duration::from_secs(14));
    }

    #[test]
    fn what_is_held_again_begins_anew_and_the_time_is_added_up() {
        let again = &holds(&[(0, 9), (5, 0), (20, 1)])[0];
        assert_eq!((again.since, again.most), (at(20), 1));
        assert_eq!(again.total(at(23)), Duration::from_secs(8));
    }

    #[test]
    fn one_that_never_held_anything_is_not_listed_and_a_clock_set_back_takes_nothing_away() {
        assert_eq!(holds(&[(0, 0)]), []);
        let hold = &holds(&[(0, 1), (-9, 0), (0, 1)])[0];
        assert_eq!(hold.total(at(2)), Duration::from_secs(2));
    }
}
