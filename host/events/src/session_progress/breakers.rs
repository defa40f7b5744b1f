//! Breakers that have opened.

use std::collections::BTreeMap;

use crate::{BreakerView, Event};
use fusebox_resilience::breaker::{State, Transition};

/// Breakers that have opened, by their keys, as they are now.
#[derive(Debug, Default)]
pub(super) struct Breakers(BTreeMap<String, BreakerView>);

impl Breakers {
    /// Takes note of an event, if it is about a breaker.
    pub(super) fn read(&mut self, event: &Event) {
        let Event::Breaker {
            key,
            at,
            until,
            transition,
            reason,
        } = event
        else {
            return;
        };
        let Transition {
            to, cause, counts, ..
        } = transition;
        let mut view = BreakerView::new(key, (*to, *cause), (*at, *until), counts);
        view.reason.clone_from(reason);
        self.put(view);
    }

    /// Takes a breaker as it was told elsewhere. An agent's own way to an upstream is
    /// no breaker to be shown once it is closed.
    pub(super) fn put(&mut self, view: BreakerView) {
        if view.is_of_a_way() && view.state == State::Closed.name() {
            self.0.remove(&view.key);
        } else {
            self.0.insert(view.key.clone(), view);
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &BreakerView> {
        self.0.values()
    }
}
