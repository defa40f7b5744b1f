//! A breaker from one run to the next.

use super::changes::Common;
use super::named_breaker::NamedBreaker;
use fusebox_events::{BreakerView, Event};
use fusebox_resilience::breaker::{BreakerRules, KeptBreaker, State, Transition};
use fusebox_store::state::Timeline;

/// What is said of a breaker that is as an earlier run left it.
const LEFT: &str = "as an earlier session left it";

impl NamedBreaker {
    /// A breaker of no session: as an earlier one left it, or closed.
    pub fn left(key: &str, kept: Option<&KeptBreaker>, rules: &BreakerRules, unix: u64) -> Self {
        let breaker = Self::new(key, &Common::start());
        if let Some(kept) = kept {
            breaker.restore(kept, rules, unix);
        }
        breaker
    }

    /// What the next run has to know of it, when it is this time in the state.
    pub fn keep(&self, rules: &BreakerRules, unix: u64) -> Option<KeptBreaker> {
        self.breaker.keep(&self.rules(rules), self.clock.now(), unix)
    }

    /// Goes on from what was kept, and says so if calls do not simply pass.
    pub fn restore(&self, kept: &KeptBreaker, rules: &BreakerRules, unix: u64) -> Option<Event> {
        let now = self.clock.now();
        self.breaker.restore(kept, &self.rules(rules), now, unix);
        self.changes.tell();
        let until = self.shown(rules).until;
        let transition = Transition {
            from: State::Closed,
            to: kept.state.state(),
            cause: kept.cause,
            at: now,
            until,
            counts: kept.counts,
        };
        let event = Event::Breaker {
            key: self.key().into(),
            at: self.clock.before(now, unix.saturating_sub(kept.since)),
            until: until.map(|until| self.clock.timestamp(until)),
            transition,
            reason: Some(LEFT.into()),
        };
        (transition.to != State::Closed).then_some(event)
    }
}

/// A breaker as it is kept.
pub fn kept_view(key: &str, kept: &KeptBreaker, by: Timeline) -> BreakerView {
    let until = kept.until.map(|until| by.shown(until));
    let times = (by.shown(kept.since), until);
    let state = (kept.state.state(), kept.cause);
    BreakerView::new(key, state, times, &kept.counts)
}
