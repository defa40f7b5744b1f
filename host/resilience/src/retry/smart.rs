//! What kind of trouble a failure is, and at what pace it is tried again.
//!
//! The kind follows from the code where the code says more than its category
//! does, from the category otherwise. What codes of guests mean is handed in.

use std::time::Duration;

use super::Meanings;
use crate::{RetryRules, Strategy};
use fusebox_types::failure::{Category, Code, Failure};

/// What kind of trouble a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The plugin or the host failed; a fresh sandbox is ready at once.
    Quick,
    /// Something took too long, and will cost as much again.
    Slow,
    /// The way to a service failed; a route or a peer needs a moment.
    Network,
    /// A service was called too often.
    Throttled,
    /// A service has more to do than it can.
    Overloaded,
    /// A quota is used up until a time.
    Quota,
    /// Somebody has to pay first.
    Billing,
}

/// How a kind changes the rules. Limits are only ever lowered: those of the
/// operator hold in any case.
struct Pace {
    /// The base, as a multiple of the operator's.
    times: u32,
    /// Added to the operator's growth.
    steeper: u32,
    /// The longest wait that makes sense.
    longest: Duration,
    /// The most attempts that make sense.
    attempts: u32,
}

impl Kind {
    /// The kind of a failure.
    pub(super) fn of(failure: &Failure, meanings: &Meanings) -> Self {
        match meanings.of(&failure.code) {
            Code::ApiThrottled => Kind::Throttled,
            Code::ApiOverloaded => Kind::Overloaded,
            Code::ApiQuota | Code::ShedQuota | Code::ShedBreaker => Kind::Quota,
            Code::ApiBilling => Kind::Billing,
            _ => Kind::of_category(failure.category),
        }
    }

    const fn of_category(category: Category) -> Self {
        match category {
            Category::Network => Kind::Network,
            Category::ApiLimit => Kind::Throttled,
            Category::Timeout => Kind::Slow,
            Category::InstanceFailure
            | Category::CanvasCorruption
            | Category::MemoryOverflow
            | Category::Validation
            | Category::System => Kind::Quick,
        }
    }

    /// With the default base of 100 ms the first waits are 100 ms, 500 ms, 1 s
    /// and 5 s. A plugin that failed five times, or was too slow four times,
    /// will do so again.
    const fn pace(self) -> Pace {
        let (times, steeper, longest, attempts) = match self {
            Kind::Quick => (1, 0, Duration::from_secs(5), 5),
            Kind::Slow => (5, 0, Duration::MAX, 4),
            Kind::Network => (5, 0, Duration::MAX, u32::MAX),
            Kind::Throttled | Kind::Quota | Kind::Billing => (10, 0, Duration::MAX, u32::MAX),
            Kind::Overloaded => (50, 1, Duration::MAX, u32::MAX),
        };
        Pace {
            times,
            steeper,
            longest,
            attempts,
        }
    }
}

/// The values that apply to a failure, with no rules left.
///
/// 1. The section's own values.
/// 2. What `smart` makes of them by the failure's kind, if the strategy is
///    `smart`: that of the rule if it sets one, else the section's.
/// 3. What the first rule that fits sets, as it stands there. It is said about
///    this failure, so it holds over both, and may be more than they allow.
pub fn effective(rules: &RetryRules, failure: &Failure, meanings: &Meanings) -> RetryRules {
    let rule = rules.rule_for(failure);
    let strategy = rule.and_then(|rule| rule.strategy).unwrap_or(rules.strategy);
    let values = match strategy {
        Strategy::Smart => paced(rules, &Kind::of(failure, meanings).pace()),
        _ => rules.values(),
    };
    match rule {
        Some(rule) => rule.over(values),
        None => values,
    }
}

/// What binds a policy component: the section's own values with those of the
/// first rule that fits. What `smart` would pick is the component's to say.
pub fn binding(rules: &RetryRules, failure: &Failure) -> RetryRules {
    match rules.rule_for(failure) {
        Some(rule) => rule.over(rules.values()),
        None => rules.values(),
    }
}

fn paced(rules: &RetryRules, pace: &Pace) -> RetryRules {
    RetryRules {
        base: rules.base.saturating_mul(pace.times),
        growth: rules.growth.saturating_add(pace.steeper),
        max_attempts: rules.max_attempts.min(pace.attempts),
        max_delay: rules.max_delay.min(pace.longest),
        rules: Vec::new(),
        ..*rules
    }
}

#[cfg(test)]
mod tests {
    use super::super::meanings::OF_SERVICE;
    use super::*;

    fn guest(code: &str, category: Category) -> Failure {
        let mut failure = Failure::new(Code::Guest(code.into()), "");
        failure.category = category;
        failure
    }

    #[test]
    fn a_code_says_more_than_its_category() {
        let rows = [
            ("svc.throttled", Kind::Throttled),
            ("svc.overloaded", Kind::Overloaded),
            ("svc.quota", Kind::Quota),
            ("svc.billing", Kind::Billing),
            ("svc.auth", Kind::Throttled),
            ("svc.other", Kind::Throttled),
            // A guest that borrows a name of the host's is not believed.
            ("api.billing", Kind::Throttled),
        ];
        for (code, kind) in rows {
            assert_eq!(
                Kind::of(&guest(code, Category::ApiLimit), &OF_SERVICE),
                kind,
                "{code}"
            );
        }
        let billing = guest("svc.billing", Category::System);
        assert_eq!(Kind::of(&billing, &OF_SERVICE), Kind::Billing);
        assert_eq!(Kind::of(&billing, Meanings::NONE), Kind::Quick);
    }

    #[test]
    fn a_category_says_the_rest() {
        let rows = [
            (Category::Network, Kind::Network),
            (Category::ApiLimit, Kind::Throttled),
            (Category::InstanceFailure, Kind::Quick),
            (Category::CanvasCorruption, Kind::Quick),
            (Category::MemoryOverflow, Kind::Quick),
            (Category::Timeout, Kind::Slow),
            (Category::Validation, Kind::Quick),
            (Category::System, Kind::Quick),
        ];
        for (category, kind) in rows {
            assert_eq!(Kind::of(&guest("x", category), &OF_SERVICE), kind, "{category}");
        }
    }

    /// A new code of the host's about an upstream's limits needs a row above.
    #[test]
    fn every_limit_of_an_upstream_has_a_row() {
        let known = [
            "api.throttled",
            "api.overloaded",
            "api.quota",
            "api.billing",
            // No limit of its own: waiting cannot help.
            "api.auth",
        ];
        for code in Code::ALL {
            if code.to_string().starts_with("api.") {
                assert!(known.contains(&code.to_string().as_str()), "{code}");
            }
        }
    }

    #[test]
    fn slower_for_what_needs_more_time() {
        use Category as C;
        let rows = [
            ("x", C::InstanceFailure, 100, 2),
            ("x", C::System, 100, 2),
            ("x", C::Network, 500, 2),
            ("x", C::Timeout, 500, 2),
            ("svc.throttled", C::ApiLimit, 1_000, 2),
            ("svc.overloaded", C::ApiLimit, 5_000, 3),
        ];
        for (code, category, base, growth) in rows {
            let found = effective(&RetryRules::default(), &guest(code, category), &OF_SERVICE);
            assert_eq!(
                (found.base.as_millis(), found.growth),
                (base, growth),
                "{code} {category}"
            );
        }
    }

    #[test]
    fn limits_are_only_lowered_and_only_by_smart() {
        let generous = RetryRules {
            max_attempts: 10,
            max_delay: Duration::from_secs(60),
            ..RetryRules::default()
        };
        let failure = Failure::new(Code::TrapPanic, "");
        let found = effective(&generous, &failure, Meanings::NONE);
        assert_eq!((found.max_attempts, found.max_delay.as_secs()), (5, 5));
        let slow = effective(
            &RetryRules::default(),
            &Failure::new(Code::LimitDeadline, ""),
            Meanings::NONE,
        );
        assert_eq!(
            slow.max_attempts, 4,
            "no fewer than a fifth of failures by chance needs"
        );
        let strict = RetryRules {
            max_attempts: 2,
            max_delay: Duration::from_secs(1),
            ..generous.clone()
        };
        assert_eq!(effective(&strict, &failure, Meanings::NONE), strict);
        let fixed = RetryRules {
            strategy: Strategy::Fixed,
            ..generous
        };
        assert_eq!(effective(&fixed, &failure, Meanings::NONE), fixed);
    }
}
