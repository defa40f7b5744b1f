//! What a task did before: bounded, however often it is tried.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::control::view::Attempt;
use fusebox_events::AttemptRecord;
use fusebox_types::InstanceId;
use fusebox_types::failure::Failure;

/// How many attempts of a task are remembered. A failure has up to 4 KiB of
/// words, and there may be ten thousand tasks under way.
const REMEMBERED: usize = 16;

/// The attempts of a task that are over.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// The last of them.
    last: VecDeque<PastAttempt>,
    /// How many there were before those.
    earlier: u64,
}

/// An attempt without what its guest said and used.
#[derive(Debug)]
struct PastAttempt {
    number: u32,
    instance: InstanceId,
    started: Timestamp,
    delay_before: Duration,
    duration: Duration,
    failure: Option<Arc<Failure>>,
}

impl Past {
    pub(super) fn add(&mut self, attempt: &AttemptRecord) {
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
            self.earlier += 1;
        }
        // A million tasks may wait, most of them after one attempt.
        self.last.reserve_exact(1);
        self.last.push_back(PastAttempt {
            number: attempt.number,
            instance: attempt.instance,
            started: attempt.started,
            delay_before: attempt.delay_before,
            duration: attempt.usage.wall,
            failure: attempt.failure.clone(),
        });
    }

    /// The last attempts, at most so many, and how many there were before.
    pub(super) fn view(&self, most: usize) -> (Vec<Attempt>, u64) {
        let skipped = self.last.len().saturating_sub(most);
        let attempts = self.last.iter().skip(skipped).map(PastAttempt::view).collect();
        (attempts, self.earlier + skipped as u64)
    }
}

impl PastAttempt {
    fn view(&self) -> Attempt {
        Attempt {
            number: self.number,
            instance: self.instance.to_string(),
            started: self.started,
            delay_before_ms: self.delay_before.as_secs_f64() * 1e3,
            duration_ms: self.duration.as_secs_f64() * 1e3,
            failure: self.failure.as_deref().map(Into::into),
        }
    }
}
