//! What is decided after a failure.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why nothing more is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GiveUp {
    /// Trying again cannot help.
    NonRetryable,
    /// All attempts were made.
    Attempts,
    /// The session, the upstream or the agent has no retries left.
    Budget,
    /// The time for attempts is over.
    Elapsed,
    /// Another attempt would begin too late: at the task's deadline or after it.
    Deadline,
    /// Somebody outside asked for a wait that is longer than the time for
    /// attempts: a service with `Retry-After`, or a quota until it has room.
    NotBefore,
    /// Running the task twice could do harm, and nobody said that it may.
    NotIdempotent,
    /// The task or the session was cancelled.
    Cancelled,
    /// An upstream that it needs was not to be asked, and its session ended before
    /// that changed: a resume goes on with it.
    Held,
    /// The policy component said so.
    Policy,
    /// The circuit breaker of the agent, or of an upstream, is open.
    BreakerOpen,
    /// A task that it depends on has no result.
    DependencyFailed,
    /// The session has failed: because a task that it depends on has no result,
    /// or because its degradation policy ended the session.
    FailsSession,
}

impl GiveUp {
    /// Its name in reports and in the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NonRetryable => "non-retryable",
            Self::Attempts => "attempts",
            Self::Budget => "budget",
            Self::Elapsed => "elapsed",
            Self::Deadline => "deadline",
            Self::NotBefore => "not-before",
            Self::NotIdempotent => "not-idempotent",
            Self::Cancelled => "cancelled",
            Self::Policy => "policy",
            Self::BreakerOpen => "breaker-open",
            Self::Held => "held",
            Self::DependencyFailed => "dependency-failed",
            Self::FailsSession => "fails-session",
        }
    }
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Run the task again after so long.
    Again(Duration),
    /// Let it fail.
    GiveUp(GiveUp),
}
