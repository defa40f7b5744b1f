//! Whether a failed task runs again.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::backoff::delay;
use crate::config::RetryLimits;
use crate::failure::Failure;

/// Why nothing more is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GiveUp {
    /// Trying again cannot help.
    NonRetryable,
    /// All attempts were made.
    Attempts,
    /// The wait that was asked for is longer than any wait may be.
    Deadline,
    /// Running the task twice could do harm, and nobody said that it may.
    NotIdempotent,
    /// The task or the session was cancelled.
    Cancelled,
    /// A task that it depends on has no result.
    DependencyFailed,
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Run the task again after so long.
    Again(Duration),
    /// Let it fail.
    GiveUp(GiveUp),
}

/// Decides about a task whose attempt number `attempt` (from 1) failed.
///
/// A wait that the failure asks for is honoured as the least wait, up to the
/// longest wait; beyond that nothing is tried. A failure of which nobody knows
/// whether trying again helps is tried again only if the task is idempotent.
pub fn decide(
    limits: &RetryLimits,
    failure: &Failure,
    attempt: u32,
    idempotent: bool,
    random: u64,
) -> Verdict {
    match failure.retryable {
        Some(false) => return Verdict::GiveUp(GiveUp::NonRetryable),
        None if !idempotent => return Verdict::GiveUp(GiveUp::NotIdempotent),
        _ => {}
    }
    if attempt >= limits.max_attempts {
        return Verdict::GiveUp(GiveUp::Attempts);
    }
    let asked = Duration::from_millis(failure.retry_after_ms.unwrap_or(0));
    if asked > limits.max_delay {
        return Verdict::GiveUp(GiveUp::Deadline);
    }
    Verdict::Again(delay(limits, attempt, random).max(asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;

    fn verdict(code: Code, attempt: u32) -> Verdict {
        decide(
            &RetryLimits::default(),
            &Failure::new(code, ""),
            attempt,
            true,
            u64::MAX,
        )
    }

    #[test]
    fn what_cannot_be_helped_is_not_tried_again() {
        assert_eq!(verdict(Code::LimitFuel, 1), Verdict::GiveUp(GiveUp::NonRetryable));
        assert_eq!(
            verdict(Code::TrapPanic, 1),
            Verdict::Again(Duration::from_millis(100))
        );
        assert_eq!(verdict(Code::TrapPanic, 3), Verdict::GiveUp(GiveUp::Attempts));
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept_or_the_task_ends() {
        let limits = RetryLimits::default();
        let mut failure = Failure::new(Code::TrapPanic, "");
        failure.retry_after_ms = Some(5_000);
        assert_eq!(
            decide(&limits, &failure, 1, true, 0),
            Verdict::Again(Duration::from_secs(5))
        );
        failure.retry_after_ms = Some(u64::MAX);
        assert_eq!(
            decide(&limits, &failure, 1, true, 0),
            Verdict::GiveUp(GiveUp::Deadline)
        );
    }

    #[test]
    fn a_task_that_is_not_idempotent_runs_again_only_when_somebody_said_so() {
        let mut failure = Failure::new(Code::Guest("x".into()), "");
        let decide =
            |failure: &Failure, idempotent| decide(&RetryLimits::default(), failure, 1, idempotent, 0);
        assert_eq!(decide(&failure, false), Verdict::GiveUp(GiveUp::NotIdempotent));
        assert!(matches!(decide(&failure, true), Verdict::Again(_)));
        failure.retryable = Some(true);
        assert!(matches!(decide(&failure, false), Verdict::Again(_)));
    }
}
