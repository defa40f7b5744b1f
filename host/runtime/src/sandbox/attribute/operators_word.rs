//! What an operator's own rule says of an answer holds over the guest's word.

use super::*;

fn seen(code: Code, said_by: SaidBy) -> Seen {
    Seen {
        failure: Some(Failure::new(code, "as the host saw it")),
        said_by,
        ..Seen::default()
    }
}

fn says(category: Category, retryable: Option<bool>) -> Failure {
    let mut failure = Failure::new(Code::Guest("llm.failed".into()), "no answer");
    (failure.category, failure.retryable) = (category, retryable);
    failure
}

#[test]
fn no_class_and_no_verdict_of_a_guest_change_what_the_operator_says() {
    use Category::{ApiLimit, InstanceFailure, Network, Validation};
    for category in [Network, ApiLimit, Validation, InstanceFailure] {
        for retryable in [None, Some(true), Some(false)] {
            let guest = says(category, retryable);
            let failure = attribute(guest, true, &seen(Code::ApiThrottled, SaidBy::Operator));
            assert_eq!(failure.code, Code::ApiThrottled);
            assert_eq!((failure.retryable, failure.blame), (Some(true), Blame::Upstream));
            assert!(failure.context.iter().any(|(name, _)| &**name == "guest"));
        }
    }
}

#[test]
fn what_the_host_makes_of_an_answer_a_guest_may_know_better() {
    let host = || seen(Code::ApiThrottled, SaidBy::Host);
    let failure = attribute(says(Category::ApiLimit, Some(false)), true, &host());
    assert_eq!(failure.retryable, Some(false));
    let failure = attribute(says(Category::InstanceFailure, None), true, &host());
    assert_eq!(failure.code, Code::Guest("llm.failed".into()));
}

/// A trap and a limit are no words of a guest.
#[test]
fn a_trap_keeps_its_own_code() {
    let trap = Failure::new(Code::TrapOutOfBounds, "");
    let failure = attribute(trap, true, &seen(Code::ApiThrottled, SaidBy::Operator));
    assert_eq!(failure.code, Code::TrapOutOfBounds);
}
