//! What is kept of a breaker from one run to the next, by a time that all runs
//! share.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::both_clocks::BothClocks;
use super::super::clock::{Clock, PAST};
use super::counts::Counts;
use super::machine::{Breaker, Phase};
use super::state::{Cause, State};
use super::tally::Tally;
use super::wait::Wait;
use crate::breaker::BreakerRules;

/// What is kept of a breaker. Times are Unix times in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBreaker {
    /// Its state.
    pub state: KeptState,
    /// Why it is in that state.
    pub cause: Cause,
    /// Since when.
    pub since: u64,
    /// When the next probe may go by the rules that were in force, if it is
    /// open; for people.
    pub until: Option<u64>,
    /// How often it has opened without a lasting recovery between.
    pub trips: u32,
    /// What was counted when its state began.
    pub counts: Counts,
}

/// A state that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptState {
    /// Calls pass; its trips are remembered.
    Closed,
    /// Calls are refused until this wait is over.
    Open(Wait),
    /// The operator refuses all calls.
    ForcedOpen,
    /// Calls pass and are not counted, as the operator ordered.
    Disabled,
}

impl KeptState {
    /// The state of a breaker that is restored from it.
    pub const fn state(self) -> State {
        match self {
            Self::Closed => State::Closed,
            Self::Open(_) => State::Open,
            Self::ForcedOpen => State::ForcedOpen,
            Self::Disabled => State::Disabled,
        }
    }
}

impl KeptBreaker {
    /// Has it begin at `unix`, if it lies after that.
    pub fn settle(&mut self, unix: u64) {
        let ahead = self.since.saturating_sub(unix);
        self.since -= ahead;
        self.until = self.until.map(|until| until.saturating_sub(ahead));
    }
}

impl Breaker {
    /// What is to be kept at `now`, which is `unix` by the shared time; none if the
    /// breaker is closed and no trips count. What a closed breaker has counted is
    /// not kept. The probes of this run end with it, so a half-open breaker is
    /// kept as an open one whose wait is over.
    pub fn keep(&self, rules: &BreakerRules, now: Duration, unix: u64) -> Option<KeptBreaker> {
        let mut clock = self.clock;
        let own = clock.read(now);
        let (moment, trips) = (BothClocks { own, unix }, self.trips_at(rules, own));
        let state = match &self.phase {
            Phase::Closed if trips == 0 => return None,
            Phase::Closed => KeptState::Closed,
            Phase::Open(wait) => KeptState::Open(*wait),
            Phase::HalfOpen(_) => KeptState::Open(Wait::Named(Duration::ZERO)),
            Phase::ForcedOpen => KeptState::ForcedOpen,
            Phase::Disabled => KeptState::Disabled,
        };
        Some(KeptBreaker {
            state,
            cause: self.cause,
            since: moment.to_unix(self.since),
            until: self.until(rules).map(|until| moment.to_unix(until)),
            trips,
            counts: self.evidence,
        })
    }

    /// Goes on from what was kept, at `now`, which is `unix` by the shared time.
    /// What was under way before counts nowhere. If it lies in the future, the
    /// wait begins now.
    pub fn restore(&mut self, kept: &KeptBreaker, now: Duration, unix: u64) {
        let clock = Clock::with_past(now, PAST);
        let own = clock.own();
        let phase = match kept.state {
            KeptState::Closed => Phase::Closed,
            KeptState::Open(wait) => Phase::Open(wait),
            KeptState::ForcedOpen => Phase::ForcedOpen,
            KeptState::Disabled => Phase::Disabled,
        };
        *self = Self {
            clock,
            phase,
            generation: self.generation.saturating_add(1),
            since: BothClocks { own, unix }.to_own(kept.since),
            cause: kept.cause,
            trips: kept.trips,
            tally: Tally::default(),
            evidence: kept.counts,
        };
    }
}

#[cfg(test)]
mod tests;
