//! Rules by category and code.

use super::super::arbitrary;
use super::meanings::OF_SERVICE;
use super::*;
use crate::{CodePattern, Jitter, RetryRule, RetryWhen, Strategy};
use fusebox_types::failure::Category;
use proptest::prelude::*;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn code(pattern: &str) -> RetryWhen {
    RetryWhen {
        code: Some(CodePattern::new(pattern)),
        ..RetryWhen::default()
    }
}

fn category(category: &[Category]) -> RetryWhen {
    RetryWhen {
        category: category.to_vec(),
        ..RetryWhen::default()
    }
}

/// A section with these rules, without jitter.
fn section(strategy: Strategy, rules: &[RetryRule]) -> RetryRules {
    RetryRules {
        strategy,
        jitter: Jitter::None,
        rules: rules.to_vec(),
        ..RetryRules::default()
    }
}

fn guest(code: &str) -> Failure {
    let mut failure = Failure::new(Code::Guest(code.into()), "");
    failure.category = Category::ApiLimit;
    failure.retryable = Some(true);
    failure
}

fn after(rules: &RetryRules, failure: &Failure, attempt: u32, elapsed: u64) -> Verdict {
    let snapshot = Snapshot {
        failure,
        attempt,
        previous_delay: Duration::ZERO,
        elapsed: MS(elapsed),
        remaining: None,
        idempotent: true,
        meanings: &OF_SERVICE,
    };
    decide(rules, &snapshot, 0)
}

#[test]
fn conditions_are_exact_or_a_beginning_and_all_have_to_hold() {
    let both = RetryWhen {
        category: vec![Category::ApiLimit],
        ..code("guest.svc.*")
    };
    let rows = [
        (code("guest.svc.throttled"), "svc.throttled", true),
        (code("guest.svc.throttled"), "svc.throttled1", false),
        (code("guest.svc.*"), "svc.throttled", true),
        (code("guest.svc.*"), "svcx", false),
        (code("api.*"), "api.throttled", false),
        (category(&[Category::Network, Category::ApiLimit]), "x", true),
        (category(&[Category::Network]), "x", false),
        (both.clone(), "svc.1", true),
        (both, "x", false),
    ];
    for (when, name, fits) in rows {
        assert_eq!(when.fits(&guest(name)), fits, "{when:?} {name}");
    }
}

#[test]
fn the_first_rule_that_fits_holds_and_the_rest_are_not_asked() {
    let first = RetryRule {
        when: code("guest.svc.throttled"),
        base: Some(MS(7)),
        ..RetryRule::default()
    };
    let second = RetryRule {
        when: category(&[Category::ApiLimit]),
        base: Some(MS(9)),
        max_attempts: Some(1),
        ..RetryRule::default()
    };
    let rules = section(Strategy::Fixed, &[first, second]);
    assert_eq!(
        after(&rules, &guest("svc.throttled"), 1, 0),
        Verdict::Again(MS(7))
    );
    assert_eq!(
        after(&rules, &guest("x"), 1, 0),
        Verdict::GiveUp(GiveUp::Attempts)
    );
    let trap = Failure::new(Code::TrapPanic, "");
    assert_eq!(after(&rules, &trap, 1, 0), Verdict::Again(MS(100)));
}

/// The section's base is 100 ms, of which `smart` makes 5 s for an overload.
#[test]
fn a_rule_holds_over_the_section_and_over_smart_for_the_keys_that_it_sets() {
    let overloaded = guest("svc.overloaded");
    let verdict = |strategy, rule: RetryRule, attempt| {
        let rule = RetryRule {
            when: code("guest.svc.*"),
            ..rule
        };
        after(&section(strategy, &[rule]), &overloaded, attempt, 0)
    };
    let base = RetryRule {
        base: Some(MS(200)),
        ..RetryRule::default()
    };
    // The growth is still the one that smart picked: 3.
    assert_eq!(verdict(Strategy::Smart, base, 2), Verdict::Again(MS(600)));
    let growth = RetryRule {
        growth: Some(1),
        ..RetryRule::default()
    };
    assert_eq!(verdict(Strategy::Smart, growth, 2), Verdict::Again(MS(5_000)));
    let fixed = RetryRule {
        strategy: Some(Strategy::Fixed),
        ..RetryRule::default()
    };
    assert_eq!(verdict(Strategy::Smart, fixed, 2), Verdict::Again(MS(100)));
    let smart = RetryRule {
        strategy: Some(Strategy::Smart),
        ..RetryRule::default()
    };
    assert_eq!(verdict(Strategy::Fixed, smart, 1), Verdict::Again(MS(5_000)));
    let more = RetryRule {
        max_attempts: Some(10),
        max_delay: Some(MS(60_000)),
        ..RetryRule::default()
    };
    assert_eq!(verdict(Strategy::Smart, more, 9), Verdict::Again(MS(60_000)));
}

#[test]
fn caps_by_time_and_never() {
    let trap = Failure::new(Code::TrapPanic, "");
    let soon = RetryRule {
        when: code("trap.panic"),
        max_elapsed: Some(MS(1_000)),
        ..RetryRule::default()
    };
    let rules = section(Strategy::Fixed, &[soon]);
    assert_eq!(after(&rules, &trap, 1, 950), Verdict::Again(MS(50)));
    assert_eq!(after(&rules, &trap, 1, 1_000), Verdict::GiveUp(GiveUp::Elapsed));
    let never = RetryRule {
        when: code("trap.*"),
        never: true,
        ..RetryRule::default()
    };
    let rules = section(Strategy::Fixed, &[never]);
    assert_eq!(after(&rules, &trap, 1, 0), Verdict::GiveUp(GiveUp::NonRetryable));
}

/// What cannot be helped is not tried again, whatever a rule says.
#[test]
fn no_rule_helps_what_cannot_be_helped() {
    for code_of in ["limit.fuel", "guest.svc.billing", "guest.svc.quota"] {
        let rule = RetryRule {
            when: code(code_of),
            strategy: Some(Strategy::Fixed),
            max_attempts: Some(1_000),
            ..RetryRule::default()
        };
        let failure = match code_of.strip_prefix("guest.") {
            Some(code) => guest(code),
            None => Failure::new(code_of.parse().unwrap(), ""),
        };
        let found = after(&section(Strategy::Smart, &[rule]), &failure, 1, 0);
        assert_eq!(found, Verdict::GiveUp(GiveUp::NonRetryable), "{code_of}");
    }
}

#[test]
fn a_plugin_is_told_of_the_most_attempts_that_there_can_be() {
    let rule = |max_attempts| RetryRule {
        max_attempts,
        ..RetryRule::default()
    };
    let most = |rules: &[RetryRule]| section(Strategy::Smart, rules).most_attempts();
    assert_eq!(most(&[rule(None), rule(Some(1))]), 4);
    assert_eq!(most(&[rule(Some(7)), rule(Some(2))]), 7);
}

proptest! {
    #![proptest_config(arbitrary::cases(2_000))]

    /// Whatever the section says, the caps of the rule that fits are kept.
    #[test]
    fn the_caps_of_a_rule_are_kept(
        values in arbitrary::rules(), attempt in arbitrary::attempt(), elapsed in arbitrary::span(), random: u64,
        max_attempts in arbitrary::attempt(), max_delay in arbitrary::span(), max_elapsed in arbitrary::span(),
    ) {
        let rule = RetryRule {
            when: code("trap.*"),
            max_attempts: Some(max_attempts),
            max_delay: Some(max_delay),
            max_elapsed: Some(max_elapsed),
            ..RetryRule::default()
        };
        let rules = RetryRules { rules: vec![rule], ..values };
        let failure = Failure::new(Code::TrapPanic, "");
        let state = Snapshot {
            failure: &failure, attempt, previous_delay: Duration::ZERO, elapsed, remaining: None, idempotent: true,
            meanings: &OF_SERVICE,
        };
        if let Verdict::Again(wait) = decide(&rules, &state, random) {
            prop_assert!(wait <= max_delay && attempt < max_attempts);
            prop_assert!(wait.saturating_add(elapsed) <= max_elapsed);
        }
    }
}
