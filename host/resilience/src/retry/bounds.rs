//! The bounds of a policy component. It decides within what the rules allow;
//! what it answers is clamped to that, and what makes no sense is not taken.

use std::time::Duration;

use super::asked::{asked, fit};
use super::{GiveUp, Snapshot, Verdict, binding};
use crate::RetryRules;
use fusebox_types::failure::Code;

/// A longer wait that nobody asked for is no decision but a defect: thirty days.
const ABSURD: Duration = Duration::from_secs(30 * 86_400);
/// From this attempt on, no wait after no wait is a busy loop.
const PATIENCE: u32 = 3;

/// What a policy component answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Run the task again after so many milliseconds.
    Again(u64),
    /// Let it fail.
    GiveUp,
}

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecision {
    /// A wait that nobody means.
    #[error("it asked for a wait of {0} ms")]
    Wait(u64),
    /// No wait, again and again.
    #[error("it asked for no wait at all, again and again")]
    NoWait,
}

/// The hard stop before a policy is asked, where it could only do harm: the reason to
/// give up.
///
/// A failure of which the table says that another attempt cannot help is not
/// among it: there the policy may know better.
pub fn hard_stop(rules: &RetryRules, snapshot: &Snapshot<'_>) -> Option<GiveUp> {
    let failure = snapshot.failure;
    if failure.code == Code::Cancelled {
        return Some(GiveUp::Cancelled);
    }
    if failure.retryable.is_none() && !snapshot.idempotent {
        return Some(GiveUp::NotIdempotent);
    }
    if rules.rule_for(failure).is_some_and(|rule| rule.never) {
        return Some(GiveUp::NonRetryable);
    }
    let rules = binding(rules, failure);
    if snapshot.attempt >= rules.max_attempts {
        return Some(GiveUp::Attempts);
    }
    (snapshot.elapsed >= rules.max_elapsed).then_some(GiveUp::Elapsed)
}

/// An answer within the rules: no wait is longer than `max_delay` or than what
/// is left of `max_elapsed`, and none ends at the deadline or after it. None is
/// shorter than what the failure asks for, which no limit cuts.
///
/// # Errors
/// If the answer makes no sense.
pub fn clamp(
    rules: &RetryRules,
    snapshot: &Snapshot<'_>,
    answer: Answer,
) -> Result<Verdict, InvalidDecision> {
    let Answer::Again(ms) = answer else {
        return Ok(Verdict::GiveUp(GiveUp::Policy));
    };
    let rules = binding(rules, snapshot.failure);
    let wanted = Duration::from_millis(ms);
    if wanted > ABSURD.max(asked(snapshot.failure).unwrap_or_default()) {
        return Err(InvalidDecision::Wait(ms));
    }
    if wanted.is_zero() && snapshot.previous_delay.is_zero() && snapshot.attempt >= PATIENCE {
        return Err(InvalidDecision::NoWait);
    }
    Ok(match fit(&rules, snapshot, wanted) {
        Ok(wait) => Verdict::Again(wait),
        Err(reason) => Verdict::GiveUp(reason),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Meanings, RetryRule, RetryWhen};
    use fusebox_types::failure::{Category, Failure};

    fn at(failure: &Failure, attempt: u32) -> Snapshot<'_> {
        Snapshot {
            failure,
            attempt,
            previous_delay: Duration::ZERO,
            elapsed: Duration::from_secs(1),
            remaining: None,
            idempotent: false,
            meanings: Meanings::NONE,
        }
    }

    #[test]
    fn an_answer_is_clamped_to_the_rules() {
        let (rules, failure) = (RetryRules::default(), Failure::new(Code::TrapPanic, ""));
        let clamp = |snapshot: &Snapshot<'_>, ms| clamp(&rules, snapshot, Answer::Again(ms));
        let snapshot = at(&failure, 1);
        assert_eq!(
            clamp(&snapshot, 250),
            Ok(Verdict::Again(Duration::from_millis(250)))
        );
        assert_eq!(clamp(&snapshot, 3_600_000), Ok(Verdict::Again(rules.max_delay)));
        let late = Snapshot {
            elapsed: rules.max_elapsed - Duration::from_millis(7),
            ..snapshot
        };
        assert_eq!(clamp(&late, 250), Ok(Verdict::Again(Duration::from_millis(7))));
        let hurried = Snapshot {
            remaining: Some(Duration::from_millis(100)),
            ..snapshot
        };
        assert_eq!(clamp(&hurried, 100), Ok(Verdict::GiveUp(GiveUp::Deadline)));
    }

    #[test]
    fn an_invalid_decision_is_not_taken() {
        let (rules, failure) = (RetryRules::default(), Failure::new(Code::TrapPanic, ""));
        let clamp = |attempt, ms| clamp(&rules, &at(&failure, attempt), Answer::Again(ms));
        assert_eq!(clamp(1, u64::MAX), Err(InvalidDecision::Wait(u64::MAX)));
        assert_eq!(clamp(1, 0), Ok(Verdict::Again(Duration::ZERO)));
        assert_eq!(clamp(3, 0), Err(InvalidDecision::NoWait));
    }

    /// An operator's rule for some failures binds a component as it binds the
    /// built-in policy.
    #[test]
    fn rules_for_some_failures_hold() {
        let rule = |rule: RetryRule| RetryRules {
            rules: vec![rule],
            ..RetryRules::default()
        };
        let when = RetryWhen {
            category: vec![Category::InstanceFailure],
            ..RetryWhen::default()
        };
        let failure = Failure::new(Code::TrapPanic, "");
        let never = rule(RetryRule {
            when: when.clone(),
            never: true,
            ..RetryRule::default()
        });
        assert_eq!(hard_stop(&never, &at(&failure, 1)), Some(GiveUp::NonRetryable));
        let capped = rule(RetryRule {
            when,
            max_attempts: Some(2),
            max_delay: Some(Duration::from_millis(50)),
            ..RetryRule::default()
        });
        assert_eq!(hard_stop(&capped, &at(&failure, 2)), Some(GiveUp::Attempts));
        let clamped = clamp(&capped, &at(&failure, 1), Answer::Again(900));
        assert_eq!(clamped, Ok(Verdict::Again(Duration::from_millis(50))));
    }

    #[test]
    fn what_could_only_do_harm_is_not_asked() {
        let rules = RetryRules::default();
        let asked = |failure: &Failure, attempt| hard_stop(&rules, &at(failure, attempt));
        let fuel = Failure::new(Code::LimitFuel, "");
        assert_eq!(asked(&fuel, 1), None);
        assert_eq!(asked(&fuel, 4), Some(GiveUp::Attempts));
        let guest = Failure::new(Code::Guest("x".into()), "");
        assert_eq!(asked(&guest, 1), Some(GiveUp::NotIdempotent));
        let cancelled = Failure::new(Code::Cancelled, "");
        assert_eq!(asked(&cancelled, 1), Some(GiveUp::Cancelled));
    }
}
