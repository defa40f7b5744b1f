//! What a policy answers.

use std::time::Duration;

use super::wire;
use crate::policy::{Undecided, span};

/// An isolation policy's answer.
pub type Verdict = crate::policy::Verdict<Decision>;

/// What is to become of the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Let it work.
    Keep,
    /// Take it out for so long.
    Quarantine(Duration),
}

impl Verdict {
    /// Let the instance work.
    pub const fn keep() -> Self {
        Self::new(Decision::Keep)
    }

    /// Take the instance out of its pool for so long, in whole milliseconds,
    /// from one to thirty days. The host cuts it to what the configuration
    /// allows, and never empties a pool.
    pub const fn quarantine(span: Duration) -> Self {
        Self::new(Decision::Quarantine(span))
    }
}

/// No time at all: the host takes it for no answer.
const REFUSAL: wire::Decision = wire::Decision::Quarantine(0);

pub(super) fn into_wire(answer: Result<Verdict, Undecided>) -> wire::Verdict {
    let cross = |decision| match decision {
        Decision::Keep => wire::Decision::Keep,
        Decision::Quarantine(span) => wire::Decision::Quarantine(span::sensible_millis(span)),
    };
    let (decision, cause, memory) = Verdict::cross(answer, cross, REFUSAL);
    wire::Verdict {
        decision,
        cause,
        memory,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_cross_within_reason_and_only_a_refusal_has_none() {
        let out = |span| match into_wire(Ok(Verdict::quarantine(span))).decision {
            wire::Decision::Quarantine(ms) => ms,
            wire::Decision::Keep => panic!("kept"),
        };
        assert_eq!([Duration::ZERO, Duration::from_secs(9)].map(out), [1, 9_000]);
        let kept = into_wire(Ok(Verdict::keep().because("it is well")));
        assert!(matches!(kept.decision, wire::Decision::Keep) && kept.cause == "it is well");
        let refusal = into_wire(Err(Undecided::because("odd")));
        assert!(matches!(refusal.decision, wire::Decision::Quarantine(0)) && refusal.cause == "odd");
    }
}
