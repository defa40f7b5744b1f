//! Whose fault a failure is, by what the host saw and not by what a guest says.

use crate::failure::{Blame, Category, Code, Failure};
use crate::gateway::Seen;

/// A failure of an attempt, given to whom it belongs. `said` is whether the
/// guest itself said that trying again may help.
pub(super) fn attribute(failure: Failure, said: bool, seen: &Seen) -> Failure {
    let mut failure = match &seen.failure {
        Some(host) if is_about_a_service(&failure) => of_host(host, failure),
        _ => failure,
    };
    if failure.code == Code::LimitDeadline && seen.outstanding > 0 {
        failure.blame = Blame::Upstream;
        if let Some(upstream) = &seen.upstream {
            failure = failure.with("upstream", upstream);
        }
    }
    // What a service may have done, it may do twice: whether that does harm is
    // the plugin's to say.
    if seen.effects > 0 && !said && failure.retryable == Some(true) {
        failure.retryable = None;
    }
    failure
}

/// Whether a guest says that it was not its own fault. If the host saw the same,
/// that is what holds.
fn is_about_a_service(failure: &Failure) -> bool {
    let says_so = matches!(
        failure.category,
        Category::Network | Category::ApiLimit | Category::Timeout | Category::System
    );
    // A denial is a matter of validation to the guest as well.
    let is_denial = failure.category == Category::Validation;
    matches!(failure.code, Code::Guest(_)) && (says_so || is_denial)
}

/// What the host saw, with the guest's words beside it.
fn of_host(host: &Failure, guest: Failure) -> Failure {
    // Bad data of a guest's own is not a service's, whatever that did.
    if guest.category == Category::Validation && host.category != Category::Validation {
        return guest;
    }
    let mut failure = host.clone();
    failure.context.push(("guest".into(), guest.to_string()));
    failure.context.extend(guest.context);
    if guest.retryable == Some(false) {
        failure.retryable = Some(false);
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(category: Category) -> Failure {
        let mut failure = Failure::new(Code::Guest("llm.failed".into()), "no answer");
        failure.category = category;
        failure
    }

    fn seen(code: Code) -> Seen {
        Seen {
            failure: Some(Failure::new(code, "as the host saw it")),
            ..Seen::default()
        }
    }

    #[test]
    fn what_the_host_saw_takes_the_place_of_what_a_guest_says_of_a_service() {
        let failure = attribute(guest(Category::Network), false, &seen(Code::ApiThrottled));
        assert_eq!(
            (failure.code, failure.blame),
            (Code::ApiThrottled, Blame::Upstream)
        );
        assert_eq!(failure.context[0].0, "guest");
    }

    #[test]
    fn a_guest_that_blames_the_network_for_nothing_keeps_the_blame() {
        let failure = attribute(guest(Category::Network), false, &Seen::default());
        assert_eq!(failure.blame, Blame::Guest);
        let failure = attribute(guest(Category::InstanceFailure), false, &seen(Code::HttpReset));
        assert_eq!(failure.blame, Blame::Guest);
        let failure = attribute(guest(Category::Validation), false, &seen(Code::HttpReset));
        assert_eq!(failure.blame, Blame::Guest);
    }

    #[test]
    fn a_deadline_is_the_upstreams_that_was_waited_for() {
        let waiting = Seen {
            outstanding: 1,
            upstream: Some("glm".into()),
            ..Seen::default()
        };
        let failure = attribute(Failure::new(Code::LimitDeadline, ""), false, &waiting);
        assert_eq!(failure.blame, Blame::Upstream);
        assert!(!failure.is_strike());
    }

    #[test]
    fn what_had_an_effect_is_tried_again_only_if_the_guest_says_that_it_may() {
        let acted = Seen {
            effects: 1,
            ..seen(Code::HttpReset)
        };
        assert_eq!(attribute(guest(Category::Network), false, &acted).retryable, None);
        assert_eq!(
            attribute(guest(Category::Network), true, &acted).retryable,
            Some(true)
        );
        let trap = Failure::new(Code::TrapPanic, "");
        assert_eq!(attribute(trap, false, &acted).retryable, None);
    }
}
