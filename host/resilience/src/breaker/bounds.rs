//! The bounds of a policy component: what it answers is clamped to the rules, and
//! what makes no sense is not taken.

use std::time::Duration;

use super::judge::Ruling;
use super::state::Cause;
use crate::breaker::BreakerRules;

/// An open time that nobody can mean.
const ABSURD: Duration = Duration::from_secs(30 * 86_400);

/// What a policy answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Leave it as it is.
    Stay,
    /// Refuse calls for so many milliseconds.
    Open(u64),
    /// Let calls pass.
    Close,
}

/// An answer that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecision {
    /// No open time, or one that nobody can mean.
    #[error("it asked for an open time of {0} ms")]
    OpenTime(u64),
}

/// The ruling of an answer, clamped to the longest open time of the rules.
///
/// # Errors
/// If the answer makes no sense.
pub fn clamp(rules: &BreakerRules, answer: Answer) -> Result<Ruling, InvalidDecision> {
    let cause = Cause::Policy;
    match answer {
        Answer::Stay => Ok(Ruling::Stay),
        Answer::Close => Ok(Ruling::Close { cause }),
        Answer::Open(ms) => {
            let wait = Duration::from_millis(ms);
            if wait.is_zero() || wait > ABSURD {
                return Err(InvalidDecision::OpenTime(ms));
            }
            let wait = Some(wait.min(rules.max_open_time));
            Ok(Ruling::Open { wait, cause })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_time_is_clamped_to_the_longest_and_an_invalid_decision_is_not_taken() {
        let rules = BreakerRules::default();
        let open = |ms| clamp(&rules, Answer::Open(ms));
        let wait = |wait| {
            Ok(Ruling::Open {
                wait: Some(wait),
                cause: Cause::Policy,
            })
        };
        assert_eq!(open(5), wait(Duration::from_millis(5)));
        assert_eq!(open(3_600_000), wait(rules.max_open_time));
        assert_eq!(open(0), Err(InvalidDecision::OpenTime(0)));
        assert_eq!(open(u64::MAX), Err(InvalidDecision::OpenTime(u64::MAX)));
        assert_eq!(clamp(&rules, Answer::Stay), Ok(Ruling::Stay));
    }
}
