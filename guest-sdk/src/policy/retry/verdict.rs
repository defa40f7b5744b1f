//! What a policy answers.

use std::time::Duration;

use serde::Serialize;

use super::{GiveUp, wire};
use crate::policy::{memory, span};

/// A policy's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What to do.
    pub decision: Decision,
    /// What to keep for the next decision; none keeps what is there.
    pub memory: Option<Vec<u8>>,
}

/// What to do after a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Run the task again after so long.
    Again(Duration),
    /// Let it fail, for this reason.
    GiveUp(String),
}

impl Verdict {
    /// Run the task again after so long, in whole milliseconds.
    /// [`Snapshot::again`](super::Snapshot::again) heeds the deadline as well.
    pub fn again(wait: Duration) -> Self {
        Self {
            decision: Decision::Again(wait),
            memory: None,
        }
    }

    /// Let the task fail, for this reason.
    pub fn give_up(reason: impl Into<String>) -> Self {
        Self {
            decision: Decision::GiveUp(reason.into()),
            memory: None,
        }
    }

    /// Keeps a value, as JSON, for the policy's next decision about this agent,
    /// whatever the task. What needs more than
    /// [`MEMORY_BYTES`](crate::policy::MEMORY_BYTES) or cannot be written as
    /// JSON is not kept: what was kept before stays.
    pub fn remember<T: Serialize>(mut self, value: &T) -> Self {
        memory::replace(&mut self.memory, memory::json(value));
        self
    }

    /// As [`Verdict::remember`], with bytes of any kind.
    pub fn remember_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        memory::replace(&mut self.memory, Some(bytes.into()));
        self
    }

    pub(super) fn into_wire(self) -> wire::Verdict {
        let decision = match self.decision {
            Decision::Again(wait) => wire::Decision::Again(span::millis(wait)),
            Decision::GiveUp(reason) => wire::Decision::GiveUp(reason),
        };
        wire::Verdict {
            decision,
            memory: self.memory,
        }
    }
}

impl From<GiveUp> for Verdict {
    fn from(give_up: GiveUp) -> Self {
        Self::give_up(give_up.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_cross_in_milliseconds() {
        let decision = |verdict: Verdict| verdict.into_wire().decision;
        assert!(matches!(
            decision(Verdict::again(Duration::from_micros(1_999))),
            wire::Decision::Again(1)
        ));
        assert!(matches!(
            decision(Verdict::again(Duration::MAX)),
            wire::Decision::Again(u64::MAX)
        ));
        assert!(matches!(decision(Verdict::give_up("spent")), wire::Decision::GiveUp(r) if r == "spent"));
    }
}
