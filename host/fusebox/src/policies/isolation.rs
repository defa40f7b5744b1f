//! Judgements about instances by a component.

use std::time::Duration;

use super::consult::{Judged, consult, reason, within_limit};
use super::wire::{context, failure, millis};
use crate::event::Event;
use crate::plugin::PolicyUse;
use crate::policy_memory::PolicyMemory;
use crate::sandbox::Isolation;
use crate::sandbox::bindings::wire::isolation::{Decision, Health, Snapshot as Told, Verdict};
use fusebox_resilience::isolation::{self, Answer, Ruling, hold};
use fusebox_types::failure::Failure;

/// All that a judgement about an instance is made from.
pub(crate) struct IsolationMatter<'a> {
    /// The agent and the instance that failed.
    pub(crate) agent: &'a str,
    pub(crate) instance: &'a str,
    /// How both stand, that failure counted.
    pub(crate) standing: isolation::Standing,
    /// What it failed with.
    pub(crate) failure: &'a Failure,
    /// On the clock of the pool.
    pub(crate) now: Duration,
    pub(crate) random: u64,
}

/// Asks a policy what follows from a strike. None if it cannot be asked or
/// failed to answer; the event says how.
pub(crate) async fn judge_instance(
    used: &PolicyUse<Isolation>,
    standing: &PolicyMemory,
    matter: &IsolationMatter<'_>,
) -> (Option<Ruling>, Option<Event>) {
    let tell = |memory| to_wire(matter, used, memory);
    consult(used, standing, matter.agent, tell, judge).await
}

/// The same in the words of the contract.
pub(crate) fn to_wire(matter: &IsolationMatter<'_>, used: &PolicyUse<Isolation>, memory: Vec<u8>) -> Told {
    let (standing, counts) = (&matter.standing, &matter.standing.counts);
    Told {
        context: context(
            used,
            memory,
            (matter.agent, matter.instance),
            (matter.now, matter.random),
        ),
        failure: failure(matter.failure, matter.now),
        instance: Health {
            attempts: counts.attempts,
            strikes: counts.strikes,
            consecutive_strikes: counts.consecutive,
            median_ms: millis(standing.median),
        },
        pool: Health {
            attempts: counts.pool_attempts,
            strikes: counts.pool_strikes,
            consecutive_strikes: standing.pool_consecutive,
            median_ms: millis(standing.pool_median),
        },
        pool_size: count(standing.pool_size),
        quarantined: count(standing.quarantined),
        times: standing.times,
    }
}

fn count(instances: usize) -> u32 {
    u32::try_from(instances).unwrap_or(u32::MAX)
}

/// What an answer comes to, and what is to be kept.
pub(crate) fn judge(verdict: Verdict) -> Judged<Ruling> {
    let keep = within_limit(verdict.memory)?;
    let answer = match verdict.decision {
        Decision::Keep => Answer::Keep,
        Decision::Quarantine(ms) => Answer::Quarantine(ms),
    };
    let ruling = hold(answer, &reason(&verdict.cause)).map_err(|nonsense| nonsense.to_string())?;
    Ok((ruling, keep))
}
