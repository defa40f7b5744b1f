//! What a policy is told.

use std::time::Duration;

use super::wire;
use crate::policy::context::has_context;
use crate::policy::{Context, Failure};

/// All that there is to know about a failed attempt.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What every decision is given.
    pub context: Context,
    /// The failure that is decided about.
    pub failure: Failure,
    /// The number of the attempt that failed, from 1.
    pub attempt: u32,
    /// How many attempts the configuration allows.
    pub max_attempts: u32,
    /// The last failed attempts before this one, oldest first, 16 at most.
    pub history: Vec<PastAttempt>,
    /// How long the host waited before the attempt that failed.
    pub delay_before: Duration,
    /// Time since the first attempt started.
    pub elapsed: Duration,
    /// Time until the task's deadline, if it has one.
    pub remaining: Option<Duration>,
    /// How many more retries the session's budget allows.
    pub budget_left: u64,
    /// Whether running the task again does no harm.
    pub idempotent: bool,
}

/// A failed attempt and the wait before it.
#[derive(Debug, Clone)]
pub struct PastAttempt {
    /// Its number, from 1.
    pub number: u32,
    /// What went wrong.
    pub failure: Failure,
    /// How long the host waited before it.
    pub delay_before: Duration,
}

impl Snapshot {
    /// A first failure under no particular limits, to try a policy on.
    pub fn example(code: &str) -> Self {
        Self {
            context: Context::example(),
            failure: Failure::example(code),
            attempt: 1,
            max_attempts: 10,
            history: Vec::new(),
            delay_before: Duration::ZERO,
            elapsed: Duration::ZERO,
            remaining: None,
            budget_left: 100,
            idempotent: true,
        }
    }
}

has_context!(Snapshot);

impl From<wire::Snapshot> for Snapshot {
    fn from(snapshot: wire::Snapshot) -> Self {
        Self {
            context: snapshot.context.into(),
            failure: snapshot.failure.into(),
            attempt: snapshot.attempt,
            max_attempts: snapshot.max_attempts,
            history: snapshot.history.into_iter().map(PastAttempt::from).collect(),
            delay_before: Duration::from_millis(snapshot.delay_before_ms),
            elapsed: Duration::from_millis(snapshot.elapsed_ms),
            remaining: snapshot.remaining_ms.map(Duration::from_millis),
            budget_left: snapshot.budget_left,
            idempotent: snapshot.idempotent,
        }
    }
}

impl From<wire::PastAttempt> for PastAttempt {
    fn from(past: wire::PastAttempt) -> Self {
        Self {
            number: past.number,
            failure: past.failure.into(),
            delay_before: Duration::from_millis(past.delay_before_ms),
        }
    }
}
