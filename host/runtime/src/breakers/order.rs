//! What a person may order of a breaker.

use serde::{Deserialize, Serialize};

use super::named_breaker::NamedBreaker;
use fusebox_events::{BreakerView, Event};
use fusebox_resilience::breaker::BreakerRules;

/// What a person orders of a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Close it and forget what was counted; also ends the other two orders.
    Reset,
    /// Refuse all calls until it is reset.
    ForceOpen,
    /// Let all calls pass and count none until it is reset.
    Disable,
}

impl NamedBreaker {
    /// Does what is ordered, and says what that changed.
    pub fn order(&self, order: Order, rules: &BreakerRules) -> Option<Event> {
        let (now, rules) = (self.clock.now(), &self.rules(rules));
        let change = match order {
            Order::Reset => self.breaker.reset(rules, now),
            Order::ForceOpen => self.breaker.force_open(rules, now),
            Order::Disable => self.breaker.disable(rules, now),
        };
        self.changes.tell();
        self.event(change?, None)
    }

    /// The breaker as it is now.
    pub fn view(&self, rules: &BreakerRules) -> BreakerView {
        let now = self.clock.now();
        let snapshot = self.shown(rules);
        // As an earlier run left it: it began before this clock.
        let before = snapshot.since.is_zero();
        // Only how long ago matters here, so it is counted back from the end.
        let kept = before.then(|| self.keep(rules, u64::MAX)).flatten();
        let since = kept.map_or_else(
            || self.clock.timestamp(snapshot.since),
            |kept| self.clock.before(now, u64::MAX - kept.since),
        );
        let times = (since, snapshot.until.map(|until| self.clock.timestamp(until)));
        BreakerView::new(
            self.key(),
            (snapshot.state, snapshot.cause),
            times,
            &snapshot.counts,
        )
    }
}
