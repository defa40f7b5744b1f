//! What a task comes to when its retries have ended without a result: in which
//! order the links of its chain of fallbacks and what its guest handed in are
//! tried.

mod bounds;
mod left;
mod link;

pub use bounds::{Answer, InvalidDecision, Ruling, clamp};
pub use left::Left;
pub use link::FallbackLink;

use fusebox_types::failure::Failure;

/// Something that may give a task a result, or part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A link of the chain.
    Link(FallbackLink),
    /// What there is of a result that is not whole.
    Partial,
    /// What the guest handed in to stand in for its result.
    HandedIn,
}

impl std::fmt::Display for Step {
    /// As reports and policies are told of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Link(link) => link.fmt(f),
            Step::Partial => f.write_str("partial"),
            Step::HandedIn => f.write_str("value"),
        }
    }
}

/// The steps for a chain, in order.
///
/// A partial result comes after the links that may still give a whole one for
/// this task's input, by work of another instance or agent or from earlier, and
/// before everything that knows nothing of it. What the guest handed in as a
/// fallback is the last thing, as nothing better has come then; it is not used
/// after `skip`, which ends the chain.
pub fn steps(chain: &[FallbackLink]) -> Vec<Step> {
    let skip = chain.iter().position(|link| *link == FallbackLink::Skip);
    let chain = chain.get(..skip.unwrap_or(chain.len())).unwrap_or_default();
    let fixed = chain.iter().position(|link| !knows_the_input(link));
    let (whole, rest) = chain.split_at(fixed.unwrap_or(chain.len()));
    let last = skip.is_none().then_some(Step::HandedIn);
    let whole = whole.iter().cloned().map(Step::Link).chain([Step::Partial]);
    whole
        .chain(rest.iter().cloned().map(Step::Link))
        .chain(last)
        .collect()
}

/// Whether the task would be run again for a link.
pub const fn is_work(link: &FallbackLink) -> bool {
    matches!(link, FallbackLink::Instance | FallbackLink::Agent(_))
}

/// Whether what a link gives is for the task's own input.
const fn knows_the_input(link: &FallbackLink) -> bool {
    is_work(link) || matches!(link, FallbackLink::Cached { .. })
}

/// Whether a task may be run elsewhere after it ended with this failure.
///
/// A task that can be run twice without harm may. Another one only if nothing of
/// it ran, or if it is known that trying again does no harm: a failure of which
/// that is not known may have had its effect before it.
pub fn may_run_elsewhere(failure: Option<&Failure>, idempotent: bool, ran: bool) -> bool {
    idempotent || !ran || failure.is_some_and(|failure| failure.retryable == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use FallbackLink as L;
    use fusebox_types::failure::Code;

    #[test]
    fn a_partial_result_comes_after_what_is_whole_and_before_what_is_fixed() {
        let agent = || L::Agent("other".into());
        let chain = [
            L::Instance,
            agent(),
            L::Cached { max_age: None },
            L::Value,
            agent(),
        ];
        let [instance, other, cached, value, late] = chain.clone();
        assert_eq!(
            steps(&chain),
            [
                Step::Link(instance),
                Step::Link(other),
                Step::Link(cached),
                Step::Partial,
                Step::Link(value),
                Step::Link(late),
                Step::HandedIn
            ]
        );
        assert_eq!(steps(&[]), [Step::Partial, Step::HandedIn]);
    }

    #[test]
    fn skip_ends_the_chain() {
        let chain = [L::Instance, L::Skip, L::Value];
        assert_eq!(steps(&chain), [Step::Link(L::Instance), Step::Partial]);
    }

    #[test]
    fn what_may_have_had_its_effect_is_not_run_elsewhere() {
        let failure = |retryable| Failure {
            retryable,
            ..Failure::new(Code::Guest("x".into()), "")
        };
        for retryable in [None, Some(false)] {
            let failure = failure(retryable);
            assert!(!may_run_elsewhere(Some(&failure), false, true));
            assert!(may_run_elsewhere(Some(&failure), true, true));
            assert!(may_run_elsewhere(Some(&failure), false, false), "nothing ran");
        }
        assert!(may_run_elsewhere(Some(&failure(Some(true))), false, true));
    }
}
