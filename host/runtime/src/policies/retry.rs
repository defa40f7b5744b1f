//! Decisions about failed attempts.

use std::sync::Arc;
use std::time::Duration;

use super::ask::ask;
use super::question::{About, InvalidDecision, Question, reason};
use super::wire::{failure, millis};
use crate::plugin::PolicyUse;
use crate::policy_memory::PolicyMemory;
use crate::sandbox::Retry;
use crate::sandbox::bindings::wire::{Context, retry as wire};
use fusebox_events::Event;
use fusebox_resilience::{Answer, RetryRules, Snapshot, Verdict, binding, clamp, decide, hard_stop};
use fusebox_types::InstanceId;
use fusebox_types::failure::Failure;

/// How many failed attempts a policy is told of.
const HISTORY: usize = 16;

/// A failed attempt, as a policy is told of it.
#[derive(Debug, Clone)]
pub struct PastAttempt {
    /// The attempt's number, from 1.
    pub number: u32,
    /// What it ended with.
    pub failure: Arc<Failure>,
    /// When, since the session started.
    pub at: Duration,
    /// The wait before it.
    pub delay_before: Duration,
}

impl PastAttempt {
    /// Puts this at the end of a history, which stays within its length.
    pub fn remember_in(self, history: &mut Vec<PastAttempt>) {
        if history.len() == HISTORY {
            history.remove(0);
        }
        // A million tasks may wait, most of them after one failure.
        history.reserve_exact(1);
        history.push(self);
    }
}

/// Whether and when a failed task runs again.
pub struct RetryQuestion<'a> {
    /// The agent's name.
    pub agent: &'a str,
    /// The instance that failed.
    pub instance: InstanceId,
    /// The rules that bound the decision.
    pub rules: &'a RetryRules,
    /// Who decides; none leaves it to the built-in policy.
    pub policy: Option<&'a PolicyUse<Retry>>,
    /// The failure, and how far the task has come.
    pub snapshot: Snapshot<'a>,
    /// The failed attempts before this one, oldest first.
    pub history: &'a [PastAttempt],
    /// Retries that the agent has left.
    pub budget_left: u64,
    /// The time since the session started.
    pub now: Duration,
    /// What the policy draws from.
    pub random: u64,
}

/// What was decided, and what the policy said about it.
pub struct RetryDecision {
    /// What follows from the failure.
    pub verdict: Verdict,
    /// Why, in the policy's own words.
    pub reason: Option<String>,
}

impl RetryQuestion<'_> {
    /// Decides: by the instance's policy if it has one that can be asked, else by
    /// the built-in one. The event says how a policy failed to.
    pub async fn decide(&self, memory: Option<&PolicyMemory>) -> (RetryDecision, Option<Event>) {
        let (Some(used), Some(memory)) = (self.policy, memory) else {
            return (self.built_in(), None);
        };
        let asked = ask(self, used, memory).await;
        (asked.decision.unwrap_or_else(|| self.built_in()), asked.event)
    }

    fn built_in(&self) -> RetryDecision {
        decide(self.rules, &self.snapshot, self.random).into()
    }
}

impl From<Verdict> for RetryDecision {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            reason: None,
        }
    }
}

impl Question for RetryQuestion<'_> {
    type Kind = Retry;
    type Decision = RetryDecision;

    fn subject(&self) -> &str {
        self.agent
    }

    fn about(&self) -> About {
        About {
            agent: self.agent.to_owned(),
            instance: self.instance.to_string(),
            now: self.now,
            random: self.random,
        }
    }

    fn snapshot(&self, context: Context) -> wire::Snapshot {
        let snapshot = &self.snapshot;
        wire::Snapshot {
            context,
            failure: failure(snapshot.failure, self.now),
            attempt: snapshot.attempt,
            max_attempts: binding(self.rules, snapshot.failure).max_attempts,
            history: self.history.iter().map(past_attempt).collect(),
            delay_before_ms: millis(snapshot.previous_delay),
            elapsed_ms: millis(snapshot.elapsed),
            remaining_ms: snapshot.remaining.map(millis),
            budget_left: self.budget_left,
            idempotent: snapshot.idempotent,
        }
    }

    fn clamp(&self, verdict: wire::Verdict) -> Result<RetryDecision, InvalidDecision> {
        let (answer, reason) = match verdict.decision {
            wire::Decision::Again(ms) => (Answer::Again(ms), None),
            wire::Decision::GiveUp(words) => (Answer::GiveUp, Some(reason(&words))),
        };
        let verdict = clamp(self.rules, &self.snapshot, answer)?;
        Ok(RetryDecision { verdict, reason })
    }

    fn hard_stop(&self) -> Option<RetryDecision> {
        let stop = hard_stop(self.rules, &self.snapshot);
        stop.map(|reason| Verdict::GiveUp(reason).into())
    }
}

fn past_attempt(past: &PastAttempt) -> wire::PastAttempt {
    wire::PastAttempt {
        number: past.number,
        failure: failure(&past.failure, past.at),
        delay_before_ms: millis(past.delay_before),
    }
}
