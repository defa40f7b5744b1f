//! What a breaker shows of itself.

use std::time::Duration;

use super::counts::Counts;
use super::machine::{Breaker, Phase};
use super::permit::Refusal;
use super::state::{Cause, State};
use crate::breaker::{BreakerMode, BreakerRules};

/// A change of state. All times are on the caller's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The state before. The mode of the rules does not show here.
    pub from: State,
    /// The state after.
    pub to: State,
    /// Why.
    pub cause: Cause,
    /// When.
    pub at: Duration,
    /// When the next probe may go, if it opened. Later rules may change it.
    pub until: Option<Duration>,
    /// What was counted in the state before.
    pub counts: Counts,
}

/// A breaker at one moment. All times are on the caller's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    /// Its state. An open breaker whose wait is over is open until somebody
    /// asks for a permit.
    pub state: State,
    /// Since when; the start of the clock if that lies before it.
    pub since: Duration,
    /// When the next probe may go, if it is open.
    pub until: Option<Duration>,
    /// What was counted; see [`Counts`].
    pub counts: Counts,
    /// How often it has opened without a lasting recovery between.
    pub trips: u32,
    /// Why it is in its state.
    pub cause: Cause,
}

impl Breaker {
    /// The breaker as it is at `now`. Looking changes nothing.
    pub fn snapshot(&self, rules: &BreakerRules, now: Duration) -> Snapshot {
        let mut clock = self.clock;
        let at = clock.read(now);
        let state = self.state(rules);
        Snapshot {
            state,
            since: clock.outside(self.since),
            until: self
                .until(rules)
                .filter(|_| state == State::Open)
                .map(|until| clock.outside(until)),
            counts: self.counts(rules, at),
            trips: self.trips_at(rules, at),
            cause: self.cause,
        }
    }

    /// The state that callers meet: the operator's, then that of the mode, then
    /// the machine's own.
    pub fn state(&self, rules: &BreakerRules) -> State {
        match (&self.phase, rules.mode) {
            (Phase::ForcedOpen | Phase::Disabled, _) | (_, BreakerMode::On) => self.phase.state(),
            (_, BreakerMode::MetricsOnly) => State::MetricsOnly,
            (_, BreakerMode::Off) => State::Disabled,
        }
    }

    /// What was counted, as the state at `at` has it.
    pub(super) fn counts(&self, rules: &BreakerRules, at: Duration) -> Counts {
        match &self.phase {
            Phase::ForcedOpen | Phase::Disabled => self.evidence,
            _ if rules.mode == BreakerMode::MetricsOnly => self.tally.counts(rules, at),
            Phase::Closed => self.tally.counts(rules, at),
            Phase::HalfOpen(probes) => probes.counts(),
            Phase::Open(_) => self.evidence,
        }
    }

    /// When the wait is over, on the own time; none if it is not open.
    pub(super) fn until(&self, rules: &BreakerRules) -> Option<Duration> {
        match &self.phase {
            Phase::Open(wait) => Some(self.since.saturating_add(wait.length(rules, self.trips))),
            Phase::Closed | Phase::HalfOpen(_) | Phase::ForcedOpen | Phase::Disabled => None,
        }
    }

    /// A refusal until a moment of the own time.
    pub(super) fn refusal(&self, until: Option<Duration>) -> Refusal {
        Refusal {
            state: self.phase.state(),
            until: until.map(|until| self.clock.outside(until)),
        }
    }
}

impl Phase {
    /// Its name for people.
    pub(super) const fn state(&self) -> State {
        match self {
            Self::Closed => State::Closed,
            Self::Open(_) => State::Open,
            Self::HalfOpen(_) => State::HalfOpen,
            Self::ForcedOpen => State::ForcedOpen,
            Self::Disabled => State::Disabled,
        }
    }
}
