//! Decisions about failed attempts: by the instance's policy if it has one that
//! can be asked, else by the built-in one.

use std::sync::Arc;
use std::time::Duration;

use super::consult::{Judged, consult, reason, within_limit};
use super::wire::{context, failure, millis};
use crate::event::Event;
use crate::plugin::{Instance, PolicyUse};
use crate::policy_memory::PolicyMemory;
use crate::sandbox::Retry;
use crate::sandbox::bindings::wire::{self, Decision, Verdict as WireVerdict};
use fusebox_resilience::{Answer, Snapshot, Verdict, binding, decide, forbidden, hold};
use fusebox_types::failure::Failure;

/// How many failed attempts a policy is told of.
const HISTORY: usize = 16;

/// A failed attempt, as a policy is told of it.
#[derive(Debug, Clone)]
pub(crate) struct PastAttempt {
    pub(crate) number: u32,
    pub(crate) failure: Arc<Failure>,
    /// When, since the session started.
    pub(crate) at: Duration,
    pub(crate) delay_before: Duration,
}

impl PastAttempt {
    /// Puts this at the end of a history, which stays within its length.
    pub(crate) fn remember_in(self, history: &mut Vec<PastAttempt>) {
        if history.len() == HISTORY {
            history.remove(0);
        }
        // A million tasks may wait, most of them after one failure.
        history.reserve_exact(1);
        history.push(self);
    }
}

/// All that a decision is made from.
pub(crate) struct Consultation<'a> {
    /// The agent's index in the graph, and its name.
    pub(crate) agent: u16,
    pub(crate) agent_name: &'a str,
    pub(crate) instance: &'a Instance,
    pub(crate) snapshot: Snapshot<'a>,
    /// The failed attempts before this one, oldest first.
    pub(crate) history: &'a [PastAttempt],
    /// Retries that the agent has left.
    pub(crate) budget_left: u64,
    /// The time since the session started.
    pub(crate) now: Duration,
    pub(crate) random: u64,
}

/// The same in the words of the contract.
pub(crate) fn to_wire(about: &Consultation<'_>, used: &PolicyUse<Retry>, memory: Vec<u8>) -> wire::Snapshot {
    let snapshot = &about.snapshot;
    let now = about.now;
    wire::Snapshot {
        context: context(
            used,
            memory,
            (about.agent_name, &about.instance.id.to_string()),
            (now, about.random),
        ),
        failure: failure(snapshot.failure, now),
        attempt: snapshot.attempt,
        max_attempts: binding(&about.instance.retry, snapshot.failure).max_attempts,
        history: about.history.iter().map(past_attempt).collect(),
        delay_before_ms: millis(snapshot.previous_delay),
        elapsed_ms: millis(snapshot.elapsed),
        remaining_ms: snapshot.remaining.map(millis),
        budget_left: about.budget_left,
        idempotent: snapshot.idempotent,
    }
}

fn past_attempt(past: &PastAttempt) -> wire::PastAttempt {
    wire::PastAttempt {
        number: past.number,
        failure: failure(&past.failure, past.at),
        delay_before_ms: millis(past.delay_before),
    }
}

/// What was decided, and what the policy said about it.
pub(crate) struct Decided {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Option<String>,
}

impl Decided {
    fn built_in(about: &Consultation<'_>) -> Self {
        Self {
            verdict: decide(&about.instance.retry, &about.snapshot, about.random),
            reason: None,
        }
    }
}

/// Decides about the failed attempts of a session, by agent.
#[derive(Debug)]
pub(crate) struct RetryDesk {
    agents: Vec<PolicyMemory>,
}

impl RetryDesk {
    pub(crate) fn new(agents: usize) -> Self {
        Self {
            agents: (0..agents).map(|_| PolicyMemory::default()).collect(),
        }
    }

    /// Decides about a failed attempt; the event says how a policy failed to.
    pub(crate) async fn decide(&self, about: Consultation<'_>) -> (Decided, Option<Event>) {
        let standing = self.agents.get(usize::from(about.agent));
        let (Some(used), Some(standing)) = (&about.instance.policy, standing) else {
            return (Decided::built_in(&about), None);
        };
        if let Some(reason) = forbidden(&about.instance.retry, &about.snapshot) {
            let verdict = Verdict::GiveUp(reason);
            return (
                Decided {
                    verdict,
                    reason: None,
                },
                None,
            );
        }
        let tell = |memory| to_wire(&about, used, memory);
        let (decided, strike) = consult(used, standing, about.agent_name, tell, |verdict| {
            judge(&about, verdict)
        })
        .await;
        (decided.unwrap_or_else(|| Decided::built_in(&about)), strike)
    }
}

/// What an answer comes to, and what is to be kept.
pub(crate) fn judge(about: &Consultation<'_>, answered: WireVerdict) -> Judged<Decided> {
    let keep = within_limit(answered.memory)?;
    let (answer, reason) = match answered.decision {
        Decision::Again(ms) => (Answer::Again(ms), None),
        Decision::GiveUp(words) => (Answer::GiveUp, Some(reason(&words))),
    };
    let held = hold(&about.instance.retry, &about.snapshot, answer);
    let verdict = held.map_err(|nonsense| nonsense.to_string())?;
    Ok((Decided { verdict, reason }, keep))
}
