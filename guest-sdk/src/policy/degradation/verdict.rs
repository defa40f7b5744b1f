//! What a policy answers.

use super::wire;
use crate::policy::Undecided;

/// A degradation policy's answer.
pub type Verdict = crate::policy::Verdict<Decision>;

/// What the task comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Keep the partial result, marked.
    KeepPartial,
    /// Use one of the fallbacks, by its place in the list, from 0.
    FallBack(usize),
    /// Let the task fail, and drop what there is of a result. What depends on it
    /// is skipped, unless it is configured to run without.
    Skip,
    /// End the session: it fails, and what is under way or has not begun is
    /// cancelled.
    FailSession,
}

impl Verdict {
    /// Keep the partial result, marked. There has to be one.
    pub const fn keep_partial() -> Self {
        Self::new(Decision::KeepPartial)
    }

    /// Use the fallback at this place of
    /// [`fallbacks`](super::Snapshot::fallbacks), from 0. There has to be one.
    pub const fn fall_back(place: usize) -> Self {
        Self::new(Decision::FallBack(place))
    }

    /// Let the task fail, and drop what there is of a result. What depends on it
    /// is skipped, unless it is configured to run without.
    pub const fn skip() -> Self {
        Self::new(Decision::Skip)
    }

    /// End the session: it fails, and what is under way or has not begun is
    /// cancelled.
    pub const fn fail_session() -> Self {
        Self::new(Decision::FailSession)
    }
}

/// A place that no list has: the host takes it for no answer.
const REFUSAL: wire::Decision = wire::Decision::FallBack(u32::MAX);

pub(super) fn into_wire(answer: Result<Verdict, Undecided>) -> wire::Verdict {
    let cross = |decision| match decision {
        Decision::KeepPartial => wire::Decision::KeepPartial,
        Decision::FallBack(place) => u32::try_from(place).map_or(REFUSAL, wire::Decision::FallBack),
        Decision::Skip => wire::Decision::Skip,
        Decision::FailSession => wire::Decision::FailSession,
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
    fn each_decision_crosses_and_a_refusal_is_no_place() {
        let crossed = |verdict| into_wire(Ok(verdict)).decision;
        assert!(matches!(
            crossed(Verdict::keep_partial()),
            wire::Decision::KeepPartial
        ));
        assert!(matches!(
            crossed(Verdict::fall_back(2)),
            wire::Decision::FallBack(2)
        ));
        assert!(matches!(crossed(Verdict::skip()), wire::Decision::Skip));
        assert!(matches!(
            crossed(Verdict::fail_session()),
            wire::Decision::FailSession
        ));
        let refusal = into_wire(Err(Undecided::because("odd")));
        assert!(matches!(refusal.decision, wire::Decision::FallBack(u32::MAX)));
        assert_eq!(refusal.cause, "odd");
    }
}
