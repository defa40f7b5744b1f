//! What a policy answers.

use std::time::Duration;

use super::wire;
use crate::policy::{Undecided, span};

/// A breaker policy's answer.
pub type Verdict = crate::policy::Verdict<Decision>;

/// What is to become of the breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Leave it as it is.
    Stay,
    /// Refuse calls for so long.
    Open(Duration),
    /// Let calls pass.
    Close,
}

impl Verdict {
    /// Leave the breaker as it is.
    pub const fn stay() -> Self {
        Self::new(Decision::Stay)
    }

    /// Refuse calls for so long, in whole milliseconds, from one to thirty
    /// days; the host cuts it to the longest open time of the configuration.
    /// Then probes pass. Of an open breaker it changes nothing.
    pub const fn open(wait: Duration) -> Self {
        Self::new(Decision::Open(wait))
    }

    /// Let calls pass. Only a half-open breaker closes.
    pub const fn close() -> Self {
        Self::new(Decision::Close)
    }
}

/// No open time: the host takes it for no answer.
const REFUSAL: wire::Decision = wire::Decision::Open(0);

pub(super) fn into_wire(answer: Result<Verdict, Undecided>) -> wire::Verdict {
    let cross = |decision| match decision {
        Decision::Stay => wire::Decision::Stay,
        Decision::Open(wait) => wire::Decision::Open(span::sensible_millis(wait)),
        Decision::Close => wire::Decision::Close,
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
    fn open_times_cross_within_reason_and_only_a_refusal_has_none() {
        let open = |wait| match into_wire(Ok(Verdict::open(wait))).decision {
            wire::Decision::Open(ms) => ms,
            other => panic!("{other:?}"),
        };
        assert_eq!(open(Duration::ZERO), 1);
        assert_eq!(open(Duration::from_secs(30)), 30_000);
        assert_eq!(open(Duration::MAX), 30 * 86_400_000);
        let refusal = into_wire(Err(Undecided::because("odd")));
        assert!(matches!(refusal.decision, wire::Decision::Open(0)) && refusal.cause == "odd");
    }

    #[test]
    fn cause_and_memory_cross() {
        let verdict = into_wire(Ok(Verdict::close().because("well again").remember(&3)));
        assert!(matches!(verdict.decision, wire::Decision::Close));
        assert_eq!(
            (verdict.cause.as_str(), verdict.memory),
            ("well again", Some(b"3".to_vec()))
        );
    }
}
