//! Decisions about instances.

use std::time::Duration;

use super::question::{About, InvalidDecision, Question, reason};
use super::wire::{failure, millis};
use crate::sandbox::Isolation;
use crate::sandbox::bindings::wire::Context;
use crate::sandbox::bindings::wire::isolation::{Decision, Health, Snapshot, Verdict};
use fusebox_resilience::isolation::{self, Answer, Ruling, clamp};
use fusebox_types::failure::Failure;

/// What follows from a strike of an instance.
pub struct IsolationQuestion<'a> {
    /// The agent and the instance that failed.
    pub agent: &'a str,
    /// The instance that failed.
    pub instance: &'a str,
    /// How both stand, that failure counted.
    pub evidence: isolation::Evidence,
    /// What it failed with.
    pub failure: &'a Failure,
    /// On the clock of the pool.
    pub now: Duration,
    /// What the policy draws from.
    pub random: u64,
}

impl Question for IsolationQuestion<'_> {
    type Kind = Isolation;
    type Decision = Ruling;

    fn subject(&self) -> &str {
        self.agent
    }

    fn about(&self) -> About {
        About {
            agent: self.agent.to_owned(),
            instance: self.instance.to_owned(),
            now: self.now,
            random: self.random,
        }
    }

    fn snapshot(&self, context: Context) -> Snapshot {
        let (evidence, counts) = (&self.evidence, &self.evidence.counts);
        Snapshot {
            context,
            failure: failure(self.failure, self.now),
            instance: Health {
                attempts: counts.attempts,
                strikes: counts.strikes,
                consecutive_strikes: counts.consecutive,
                median_ms: millis(evidence.median),
            },
            pool: Health {
                attempts: counts.pool_attempts,
                strikes: counts.pool_strikes,
                consecutive_strikes: evidence.pool_consecutive,
                median_ms: millis(evidence.pool_median),
            },
            pool_size: count(evidence.pool_size),
            quarantined: count(evidence.quarantined),
            times: evidence.times,
        }
    }

    fn clamp(&self, verdict: Verdict) -> Result<Ruling, InvalidDecision> {
        let answer = match verdict.decision {
            Decision::Keep => Answer::Keep,
            Decision::Quarantine(ms) => Answer::Quarantine(ms),
        };
        Ok(clamp(answer, &reason(&verdict.cause))?)
    }
}

fn count(instances: usize) -> u32 {
    u32::try_from(instances).unwrap_or(u32::MAX)
}
