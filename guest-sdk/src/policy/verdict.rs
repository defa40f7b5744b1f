//! What a policy answers.

use serde::Serialize;

use super::{Undecided, memory};

/// A policy's answer: a decision, why, and what is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict<D> {
    /// What to do.
    pub decision: D,
    /// Why, for the report.
    pub cause: String,
    /// What to keep for the next decision; none keeps what is there.
    pub memory: Option<Vec<u8>>,
}

impl<D> Verdict<D> {
    /// Do this, for no stated reason.
    pub const fn new(decision: D) -> Self {
        Self {
            decision,
            cause: String::new(),
            memory: None,
        }
    }

    /// Says why, in words for the report.
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = cause.into();
        self
    }

    /// Keeps a value, as JSON, for the policy's next decision about the same
    /// agent or breaker. What needs more than
    /// [`MEMORY_BYTES`](super::MEMORY_BYTES) or cannot be written as JSON is
    /// not kept: what was kept before stays.
    pub fn remember<T: Serialize>(mut self, value: &T) -> Self {
        memory::replace(&mut self.memory, memory::json(value));
        self
    }

    /// As [`Verdict::remember`], with bytes of any kind.
    pub fn remember_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        memory::replace(&mut self.memory, Some(bytes.into()));
        self
    }

    /// The answer in the words of the contract, or `refusal`, which the host
    /// cannot take, with the reason for which there is none.
    pub(super) fn cross<W>(
        answer: Result<Self, Undecided>,
        cross: impl FnOnce(D) -> W,
        refusal: W,
    ) -> (W, String, Option<Vec<u8>>) {
        match answer {
            Ok(verdict) => (cross(verdict.decision), verdict.cause, verdict.memory),
            Err(undecided) => (refusal, undecided.reason().to_owned(), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::MEMORY_BYTES;
    use super::*;

    #[test]
    fn what_is_too_much_is_not_kept() {
        let verdict = Verdict::new(()).remember(&7).remember_bytes([0; 4097]);
        assert_eq!(verdict.memory, Some(b"7".to_vec()));
        let verdict = verdict.remember_bytes([0; 4096]);
        assert_eq!(verdict.memory.map(|bytes| bytes.len()), Some(MEMORY_BYTES));
    }

    #[test]
    fn an_error_crosses_as_what_the_host_cannot_take() {
        let fails = || -> Result<Verdict<u8>, Undecided> {
            let number: u8 = "x".parse()?;
            Ok(Verdict::new(number))
        };
        let (decision, cause, memory) = Verdict::cross(fails(), u32::from, u32::MAX);
        assert_eq!((decision, memory), (u32::MAX, None));
        assert_eq!(cause, "invalid digit found in string");
    }
}
