//! What the tasks of an agent have come to, as far as it says whether its plugin can do
//! anything at all.
//!
//! A plugin that fails at everything would be run for every task of a session, each with
//! its retries. So a plugin that has shown nothing yet is given few tasks: as long as
//! none of them has succeeded, no more than [`MOST_FAILED`] tasks are failed or under
//! way, and once so many different ones have failed, the rest need not be tried. The
//! first success ends that, until the plugin is replaced by another one.

use std::collections::BTreeSet;

use crate::breaker::Outcome;

/// So many different tasks a plugin may fail at before anybody concludes that it can
/// do nothing. Above the inputs that are bad by chance, below what anybody minds.
pub const MOST_FAILED: usize = 20;

/// What the tasks of an agent have come to under one version of its plugin.
#[derive(Debug)]
pub struct TrackRecord<V> {
    /// Which version it is; none as long as no task has ended.
    version: Option<V>,
    /// The different tasks that have failed by the plugin's doing.
    failed: BTreeSet<u32>,
    /// Those that have begun and not ended, unless it has shown something.
    under_way: BTreeSet<u32>,
    has_succeeded: bool,
}

impl<V> Default for TrackRecord<V> {
    /// That of a plugin that has just been loaded.
    fn default() -> Self {
        Self {
            version: None,
            failed: BTreeSet::new(),
            under_way: BTreeSet::new(),
            has_succeeded: false,
        }
    }
}

impl<V: PartialEq> TrackRecord<V> {
    /// A task begins by this version of the plugin. Another version than before begins
    /// anew.
    pub fn begins(&mut self, version: V, task: u32) {
        self.turn_to(version);
        if !self.has_succeeded {
            self.under_way.insert(task);
        }
    }

    /// A task has come to its end by this version of the plugin. What is neutral says
    /// nothing.
    pub fn ended(&mut self, version: V, task: u32, outcome: Outcome) {
        self.turn_to(version);
        self.under_way.remove(&task);
        match outcome {
            Outcome::Success => {
                self.has_succeeded = true;
                self.under_way.clear();
            }
            Outcome::Failure if !self.has_succeeded => {
                self.failed.insert(task);
            }
            Outcome::Failure | Outcome::Ignored => {}
        }
    }

    /// Whether this version may be given one more task that has not begun.
    pub fn has_room(&self, version: &V) -> bool {
        let tried = self.failed.union(&self.under_way);
        !self.is_of(version) || self.has_succeeded || tried.count() < MOST_FAILED
    }

    /// Whether this version has failed at so many tasks, with no success, that the rest
    /// need not be tried.
    pub fn is_hopeless(&self, version: &V) -> bool {
        self.is_of(version) && !self.has_succeeded && self.failed.len() >= MOST_FAILED
    }

    fn turn_to(&mut self, version: V) {
        if !self.is_of(&version) {
            *self = Self {
                version: Some(version),
                ..Self::default()
            };
        }
    }

    fn is_of(&self, version: &V) -> bool {
        self.version.as_ref() == Some(version)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Outcome::{Failure, Ignored, Success};

    #[test]
    fn twenty_different_tasks_without_a_success_are_enough() {
        let mut record = TrackRecord::default();
        for task in 0..19 {
            record.ended("a", task, Failure);
            record.ended("a", task, Failure);
            record.ended("a", 100 + task, Ignored);
        }
        assert!(!record.is_hopeless(&"a") && record.has_room(&"a"));
        record.begins("a", 19);
        record.begins("a", 3);
        assert!(!record.has_room(&"a"), "a task that fails again is no other");
        record.ended("a", 19, Ignored);
        assert!(record.has_room(&"a"), "its input was bad");
        record.ended("a", 20, Failure);
        assert!(record.is_hopeless(&"a") && !record.has_room(&"a"));
        assert!(
            !record.is_hopeless(&"b") && record.has_room(&"b"),
            "another plugin"
        );
        record.ended("b", 0, Failure);
        assert!(!record.is_hopeless(&"a"), "what was replaced is forgotten");
    }

    proptest! {
        /// However many are run at once and however long each is tried, no more than so
        /// many different tasks are tried in vain, and one success is enough.
        #[test]
        fn no_more_are_tried_in_vain(at_once in 1_usize..100, first_success in 0_u32..40) {
            let mut record = TrackRecord::default();
            let (mut begun, mut under_way) = (0_u32, Vec::new());
            while begun < 200 && !record.is_hopeless(&()) {
                while under_way.len() < at_once && record.has_room(&()) {
                    record.begins((), begun);
                    under_way.push(begun);
                    begun += 1;
                }
                let task = under_way.remove(0);
                record.ended((), task, if task >= first_success { Success } else { Failure });
            }
            if first_success < 20 {
                prop_assert!(!record.is_hopeless(&()) && begun >= 200);
            } else {
                prop_assert_eq!(begun, 20);
            }
        }
    }
}
