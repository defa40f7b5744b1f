//! How an attempt ended, as its instance answers for it.

use std::time::Duration;

use fusebox_types::failure::{Category, Code, Failure};

/// How an attempt ended, as its instance answers for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// It did what it was asked.
    Success,
    /// The instance failed by its own doing.
    Strike(&'a Failure),
    /// Nothing was learned of the instance: back-pressure, cancelled, or the
    /// fault of an upstream, the input, the operator or the host.
    Neutral,
}

impl<'a> Outcome<'a> {
    /// What a failure says of the instance.
    ///
    /// A strike is what the table of failures calls one, unless somebody else
    /// is to blame: a deadline that passed while an upstream was waited for is
    /// none. Nor is what a guest itself reports of the network or of a service;
    /// one that lies about that stays in its pool and hurts nobody else.
    pub fn of(failure: &'a Failure) -> Self {
        let elsewhere = matches!(failure.code, Code::Guest(_))
            && matches!(failure.category, Category::Network | Category::ApiLimit);
        if failure.is_strike() && !elsewhere {
            Self::Strike(failure)
        } else {
            Self::Neutral
        }
    }
}

impl<'a> From<Option<&'a Failure>> for Outcome<'a> {
    fn from(failure: Option<&'a Failure>) -> Self {
        failure.map_or(Self::Success, Self::of)
    }
}

/// What an attempt or a health check took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// How long it lasted.
    pub duration: Duration,
    /// The most memory that it had at once, in bytes.
    pub memory_peak: u64,
    /// The processor time that it used.
    pub cpu: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusebox_types::failure::Blame;

    fn is_strike(failure: &Failure) -> bool {
        matches!(Outcome::of(failure), Outcome::Strike(_))
    }

    #[test]
    fn a_strike_is_what_the_table_calls_one() {
        for code in Code::ALL {
            let failure = Failure::new(code.clone(), "");
            assert_eq!(is_strike(&failure), code.row().strike, "{code}");
        }
    }

    #[test]
    fn an_upstream_that_was_waited_for_is_no_strike() {
        let mut failure = Failure::new(Code::LimitDeadline, "");
        assert!(is_strike(&failure));
        failure.blame = Blame::Upstream;
        assert!(!is_strike(&failure));
    }

    #[test]
    fn what_a_guest_says_of_a_service_is_no_strike() {
        let mut failure = Failure::new(Code::Guest("svc.throttled".into()), "");
        assert!(is_strike(&failure));
        for category in [Category::ApiLimit, Category::Network] {
            failure.category = category;
            assert!(!is_strike(&failure), "{category}");
        }
    }
}
