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
pub(crate) struct DegradationQuestion<'a> {
    pub(crate) task: &'a str,
    /// The task's own agent, and the instance of it that failed last.
    pub(crate) agent: &'a str,
    pub(crate) instance: &'a str,
    /// What the task failed with by its own agent.
    pub(crate) failure: &'a Failure,
    pub(crate) attempts: u32,
    pub(crate) required: bool,
    /// How many bytes there are of a partial result that may be kept.
    pub(crate) partial: Option<u64>,
    /// The fallbacks that have not been tried.
    pub(crate) fallbacks: &'a [Step],
    pub(crate) dependants: u32,
    /// What the tasks of the session have come to so far.
    pub(crate) counts: Counts,
    /// The time since the session started.
    pub(crate) now: Duration,
    pub(crate) random: u64,
}

/// What a policy decided, and what it said about it.
pub(crate) struct DegradationDecision {
    pub(crate) ruling: Ruling,
    pub(crate) cause: String,
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
