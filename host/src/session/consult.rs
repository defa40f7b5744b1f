//! What a policy is told.

use std::sync::Arc;
use std::time::Duration;

use crate::bindings::wire;
use crate::failure::{Blame, Failure};
use crate::plugin::{Instance, PolicyUse};
use crate::resilience::{Snapshot, binding};
use crate::sandbox::{category_to_wire, severity_to_wire};

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
pub(crate) fn to_wire(about: &Consultation<'_>, used: &PolicyUse, memory: Vec<u8>) -> wire::Snapshot {
    let snapshot = &about.snapshot;
    let now = about.now;
    wire::Snapshot {
        circumstances: wire::Circumstances {
            now_ms: millis(now),
            seed: about.random,
            settings: used.settings.to_string(),
            memory,
            agent: about.agent_name.to_owned(),
            instance: about.instance.id.to_string(),
        },
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

fn failure(failure: &Failure, at: Duration) -> wire::Failure {
    wire::Failure {
        code: failure.code.to_string(),
        category: category_to_wire(failure.category),
        severity: severity_to_wire(failure.severity),
        blame: match failure.blame {
            Blame::Guest => wire::Blame::Guest,
            Blame::Upstream => wire::Blame::Upstream,
            Blame::Input => wire::Blame::Input,
            Blame::Operator => wire::Blame::Operator,
            Blame::Host => wire::Blame::Host,
        },
        retryable: failure.retryable,
        retry_after_ms: failure.retry_after_ms,
        at_ms: millis(at),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
