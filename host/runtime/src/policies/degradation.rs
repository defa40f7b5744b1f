//! Decisions about tasks that have ended without a result.

use std::time::Duration;

use super::question::{About, InvalidDecision, Question, reason};
use super::wire::failure;
use crate::sandbox::Degradation;
use crate::sandbox::bindings::wire::Context;
use crate::sandbox::bindings::wire::degradation::{Decision, Snapshot, Verdict};
use fusebox_resilience::degradation::{Answer, Ruling, Step, clamp};
use fusebox_types::Counts;
use fusebox_types::failure::Failure;

/// What a task without a result comes to.
pub struct DegradationQuestion<'a> {
    /// The task's id.
    pub task: &'a str,
    /// The task's own agent, and the instance of it that failed last.
    pub agent: &'a str,
    /// The instance that had it last; empty if none did.
    pub instance: &'a str,
    /// What the task failed with by its own agent.
    pub failure: &'a Failure,
    /// The attempts that were made.
    pub attempts: u32,
    /// Whether the session fails without its result.
    pub required: bool,
    /// How many bytes there are of a partial result that may be kept.
    pub partial: Option<u64>,
    /// The fallbacks that have not been tried.
    pub fallbacks: &'a [Step],
    /// How many tasks depend on it.
    pub dependants: u32,
    /// What the tasks of the session have come to so far.
    pub counts: Counts,
    /// The time since the session started.
    pub now: Duration,
    /// What the policy draws from.
    pub random: u64,
}

/// What a policy decided, and what it said about it.
pub struct DegradationDecision {
    /// What the task comes to, or what is tried next.
    pub ruling: Ruling,
    /// Why, in the policy's own words; may be empty.
    pub cause: String,
}

impl Question for DegradationQuestion<'_> {
    type Kind = Degradation;
    type Decision = DegradationDecision;

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
        Snapshot {
            context,
            task: self.task.to_owned(),
            failure: failure(self.failure, self.now),
            attempts: self.attempts,
            required: self.required,
            partial_bytes: self.partial,
            fallbacks: self.fallbacks.iter().map(ToString::to_string).collect(),
            dependants: self.dependants,
            succeeded: self.counts.succeeded,
            failed: self.counts.failed.saturating_add(self.counts.skipped),
            total: self.counts.total,
        }
    }

    fn clamp(&self, verdict: Verdict) -> Result<DegradationDecision, InvalidDecision> {
        let answer = match verdict.decision {
            Decision::KeepPartial => Answer::KeepPartial,
            Decision::FallBack(place) => Answer::FallBack(place),
            Decision::Skip => Answer::Skip,
            Decision::FailSession => Answer::FailSession,
        };
        let cause = reason(&verdict.cause);
        match clamp(answer, self.fallbacks, self.partial.is_some()) {
            Ok(ruling) => Ok(DegradationDecision { ruling, cause }),
            Err(why) => Err(InvalidDecision::Degradation { why, cause }),
        }
    }
}

impl std::fmt::Display for DegradationDecision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.ruling.fmt(f)?;
        match self.cause.as_str() {
            "" => Ok(()),
            cause => write!(f, ": {cause}"),
        }
    }
}
