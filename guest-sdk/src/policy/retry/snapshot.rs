//! What a policy is told.

use std::time::Duration;

use serde::de::DeserializeOwned;

use super::{GiveUp, wire};
use crate::policy::Failure;

/// All that there is to know about a failed attempt.
#[derive(Debug, Clone)]
pub struct Snapshot {
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
    /// Time since the session started.
    pub now: Duration,
    /// Randomness for this decision.
    pub seed: u64,
    /// The policy's settings as they are; see [`Snapshot::settings`].
    pub settings_json: String,
    /// The policy's memory as it is; see [`Snapshot::memory`].
    pub memory_bytes: Vec<u8>,
    /// The agent that is decided about.
    pub agent: String,
    /// The instance that is decided about.
    pub instance: String,
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
            failure: Failure::example(code),
            attempt: 1,
            max_attempts: 10,
            history: Vec::new(),
            delay_before: Duration::ZERO,
            elapsed: Duration::ZERO,
            remaining: None,
            budget_left: 100,
            idempotent: true,
            now: Duration::ZERO,
            seed: 0,
            settings_json: "{}".into(),
            memory_bytes: Vec::new(),
            agent: "example".into(),
            instance: "example".into(),
        }
    }

    /// The policy's settings.
    ///
    /// # Errors
    /// What does not fit. Handed on with `?`, the operator reads it as the
    /// reason for which the task was given up.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T, GiveUp> {
        serde_json::from_str(&self.settings_json)
            .map_err(|error| GiveUp::because(format!("the policy's settings: {error}")))
    }

    /// What the last verdict for this agent asked to be kept with
    /// [`Verdict::remember`](super::Verdict::remember); none at first and
    /// whenever the bytes are not of that type.
    pub fn memory<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.memory_bytes).ok()
    }
}

impl From<wire::Snapshot> for Snapshot {
    fn from(snapshot: wire::Snapshot) -> Self {
        let circumstances = snapshot.circumstances;
        Self {
            failure: snapshot.failure.into(),
            attempt: snapshot.attempt,
            max_attempts: snapshot.max_attempts,
            history: snapshot.history.into_iter().map(PastAttempt::from).collect(),
            delay_before: Duration::from_millis(snapshot.delay_before_ms),
            elapsed: Duration::from_millis(snapshot.elapsed_ms),
            remaining: snapshot.remaining_ms.map(Duration::from_millis),
            budget_left: snapshot.budget_left,
            idempotent: snapshot.idempotent,
            now: Duration::from_millis(circumstances.now_ms),
            seed: circumstances.seed,
            settings_json: circumstances.settings,
            memory_bytes: circumstances.memory,
            agent: circumstances.agent,
            instance: circumstances.instance,
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
