//! The bounds of a policy component: it chooses among what there is, and what
//! makes no sense is not taken.

use super::Step;

/// What a policy answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Keep the partial result.
    KeepPartial,
    /// Use one of the fallbacks that it was told of, by its place, from 0.
    FallBack(u32),
    /// Let the task fail.
    Skip,
    /// End the session.
    FailSession,
}

/// An answer that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecision {
    /// There is no partial result, or none may be kept.
    #[error("it chose to keep a partial result, and there is none")]
    NoPartial,
    /// There is no such fallback.
    #[error("it chose fallback {place}, counted from 0, of {offered}")]
    NoSuchFallback {
        /// The place that it chose.
        place: u32,
        /// How many there are.
        offered: usize,
    },
}

/// What becomes of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// This is tried.
    Try(Step),
    /// The task fails, whatever is left.
    LetFail,
    /// The task stays as it is, and the session is ended.
    EndSession,
}

/// The ruling of an answer about a task that may use what is offered, or its
/// partial result if it has one that may be kept.
///
/// # Errors
/// If the answer is none of what there is. The built-in order holds then.
pub fn clamp(answer: Answer, offered: &[Step], has_partial: bool) -> Result<Ruling, InvalidDecision> {
    match answer {
        Answer::KeepPartial if has_partial => Ok(Ruling::Try(Step::Partial)),
        Answer::KeepPartial => Err(InvalidDecision::NoPartial),
        Answer::FallBack(place) => {
            let step = usize::try_from(place).ok().and_then(|at| offered.get(at));
            step.cloned()
                .map(Ruling::Try)
                .ok_or(InvalidDecision::NoSuchFallback {
                    place,
                    offered: offered.len(),
                })
        }
        Answer::Skip => Ok(Ruling::LetFail),
        Answer::FailSession => Ok(Ruling::EndSession),
    }
}

impl std::fmt::Display for Ruling {
    /// As the contract calls the decision.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ruling::Try(Step::Partial) => f.write_str("keep-partial"),
            Ruling::Try(step) => write!(f, "fall-back {step}"),
            Ruling::LetFail => f.write_str("skip"),
            Ruling::EndSession => f.write_str("fail-session"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::degradation::FallbackLink;

    #[test]
    fn only_what_there_is_can_be_chosen() {
        let agent = FallbackLink::Agent("other".into());
        let offered = [Step::Link(agent.clone()), Step::HandedIn];
        let clamp = |answer, has_partial| clamp(answer, &offered, has_partial);
        assert_eq!(
            clamp(Answer::FallBack(0), false),
            Ok(Ruling::Try(Step::Link(agent.clone())))
        );
        assert_eq!(clamp(Answer::FallBack(1), false), Ok(Ruling::Try(Step::HandedIn)));
        for place in [2, u32::MAX] {
            let invalid = InvalidDecision::NoSuchFallback { place, offered: 2 };
            assert_eq!(clamp(Answer::FallBack(place), true), Err(invalid));
        }
        assert_eq!(clamp(Answer::KeepPartial, true), Ok(Ruling::Try(Step::Partial)));
        assert_eq!(clamp(Answer::KeepPartial, false), Err(InvalidDecision::NoPartial));
        assert_eq!(clamp(Answer::Skip, true), Ok(Ruling::LetFail));
        assert_eq!(clamp(Answer::FailSession, true), Ok(Ruling::EndSession));
    }

    #[test]
    fn a_ruling_is_called_as_in_the_contract() {
        let agent = FallbackLink::Agent("other".into());
        let said: Vec<_> = [
            Ruling::Try(Step::Partial),
            Ruling::Try(Step::Link(agent.clone())),
            Ruling::Try(Step::HandedIn),
            Ruling::LetFail,
            Ruling::EndSession,
        ]
        .iter()
        .map(ToString::to_string)
        .collect();
        assert_eq!(
            said,
            [
                "keep-partial",
                "fall-back agent:other",
                "fall-back value",
                "skip",
                "fail-session"
            ]
        );
    }
}
