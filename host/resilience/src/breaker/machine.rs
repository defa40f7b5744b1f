//! The state machine, and the way a permit is granted.

use std::time::Duration;

use super::super::clock::Clock;
use super::counts::Counts;
use super::permit::{Grant, Permit, Refusal};
use super::probes::Probes;
use super::state::Cause;
use super::tally::Tally;
use super::wait::Wait;
use crate::breaker::{BreakerMode, BreakerRules};

/// One circuit breaker. See the module's page for its rules.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct Breaker {
    pub(super) clock: Clock,
    pub(super) phase: Phase,
    /// Goes up with each change of state.
    pub(super) generation: u64,
    /// When the phase began, on the own time.
    pub(super) since: Duration,
    /// Why it began.
    pub(super) cause: Cause,
    /// Openings without a lasting recovery between them.
    pub(super) trips: u32,
    /// What a closed breaker counts, and one that only measures.
    pub(super) tally: Tally,
    /// What was counted when the phase began.
    pub(super) evidence: Counts,
}

/// The machine's own state, over which the mode of the rules lies.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(super) enum Phase {
    Closed,
    Open(Wait),
    HalfOpen(Probes),
    ForcedOpen,
    Disabled,
}

impl Breaker {
    /// A closed breaker that has counted nothing. `now` is the time since a
    /// fixed start that all later calls share.
    pub fn new(now: Duration) -> Self {
        Self {
            clock: Clock::new(now),
            phase: Phase::Closed,
            generation: 0,
            since: now,
            cause: Cause::Start,
            trips: 0,
            tally: Tally::default(),
            evidence: Counts::default(),
        }
    }

    /// Asks for the right to make one call. An open breaker whose wait is over
    /// becomes half-open by this; the grant says so.
    ///
    /// # Errors
    /// If the call may not be made now.
    pub fn try_acquire(&mut self, rules: &BreakerRules, now: Duration) -> Result<Grant, Refusal> {
        let at = self.clock.read(now);
        let transition = self.end_wait(rules, at);
        let lease = match &mut self.phase {
            Phase::ForcedOpen => return Err(self.refusal(None)),
            Phase::Closed | Phase::Disabled => None,
            _ if rules.mode != BreakerMode::On => None,
            Phase::Open(_) => return Err(self.refusal(self.until(rules))),
            Phase::HalfOpen(probes) => match probes.start(rules, at) {
                Ok(lease) => Some(lease),
                Err(frees) => return Err(self.refusal(Some(frees))),
            },
        };
        let permit = Permit {
            generation: self.generation,
            lease,
        };
        Ok(Grant { permit, transition })
    }
}
