//! What there is to say of an operation, at any time.

use std::sync::Arc;
use std::time::Duration;

use super::call::Call;
use crate::{GiveUp, RetryState};
use fusebox_types::failure::Failure;

/// How many failed attempts of an operation are kept, the last ones. With the
/// longest messages they take 128 KiB.
pub const PAST_KEPT: usize = 32;

/// An operation as it is now. Times are those of the retrier's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryStatus {
    /// Its name.
    pub name: String,
    /// How many attempts there are at most. Rules may say so by the failure, so
    /// this is what holds after the last one.
    pub max_attempts: u32,
    /// The attempts that failed; the last [`PAST_KEPT`].
    pub past: Vec<PastAttempt>,
    /// When the next attempt begins, during a wait.
    pub next: Option<Duration>,
    /// When it has to be over.
    pub deadline: Option<Duration>,
    /// How it ended, once it is over.
    pub end: Option<End>,
    /// As of the attempt that is under way, waited for after, or was the last.
    pub(super) state: RetryState,
    pub(super) idempotent: bool,
    /// The how-manieth operation of its retrier it is.
    pub(super) serial: u32,
}

/// An attempt that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastAttempt {
    /// Its number, from 1.
    pub number: u32,
    /// The wait before it.
    pub delay_before: Duration,
    /// What it ended with.
    pub failure: Arc<Failure>,
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With a result.
    Succeeded,
    /// Without one, and why nothing more was tried.
    GaveUp(GiveUp),
}

impl RetryStatus {
    /// The attempt that is under way, waited for after, or was the last: from 1.
    pub fn attempt(&self) -> u32 {
        self.state.tries()
    }

    /// When it began.
    pub fn started(&self) -> Duration {
        self.state.started().unwrap_or_default()
    }

    /// An operation in its first attempt.
    pub(super) fn begin(call: Call, serial: u32, now: Duration, max_attempts: u32) -> Self {
        Self {
            name: call.name,
            max_attempts,
            past: Vec::new(),
            next: None,
            deadline: call.within.map(|within| now.saturating_add(within)),
            end: None,
            state: RetryState::begun(now),
            idempotent: call.idempotent,
            serial,
        }
    }

    /// Notes that the attempt failed.
    pub(super) fn failed(&mut self, failure: Arc<Failure>, max_attempts: u32) {
        if self.past.len() >= PAST_KEPT {
            self.past.remove(0);
        }
        self.past.push(PastAttempt {
            number: self.attempt(),
            delay_before: self.state.previous_delay(),
            failure,
        });
        self.max_attempts = max_attempts;
    }

    /// Notes that the next attempt has begun.
    pub(super) fn go_on(&mut self, state: RetryState) {
        self.next = None;
        self.state = state;
    }
}
