use super::super::meanings::OF_SERVICE;
use super::super::{Answer, Verdict, clamp, decide};
use super::*;
use crate::{CodePattern, RetryRule, RetryWhen, arbitrary};
use proptest::prelude::*;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn asking(code: Code, retry_after_ms: u64) -> Failure {
    let mut failure = Failure::new(code, "");
    failure.retry_after_ms = Some(retry_after_ms);
    failure
}

fn after(failure: &Failure, elapsed: u64) -> Snapshot<'_> {
    Snapshot {
        failure,
        attempt: 1,
        previous_delay: Duration::ZERO,
        elapsed: MS(elapsed),
        remaining: None,
        idempotent: true,
        meanings: &OF_SERVICE,
    }
}

/// Both who may decide: the built-in policy, and a component that is in a hurry.
fn verdicts(rules: &RetryRules, snapshot: &Snapshot<'_>) -> [Verdict; 2] {
    let component = clamp(rules, snapshot, Answer::Again(1));
    [decide(rules, snapshot, 0), component.unwrap()]
}

#[test]
fn a_wait_that_was_asked_for_is_kept_beyond_max_delay() {
    let (rules, hour) = (RetryRules::default(), 3_600_000);
    let patient = RetryRules {
        max_elapsed: MS(2 * hour),
        ..rules.clone()
    };
    let failure = asking(Code::ApiThrottled, hour);
    let snapshot = after(&failure, 1_000);
    assert_eq!(verdicts(&patient, &snapshot), [Verdict::Again(MS(hour)); 2]);
    let gave_up = Verdict::GiveUp(GiveUp::NotBefore);
    assert_eq!(verdicts(&rules, &snapshot), [gave_up; 2]);
    let hurried = Snapshot {
        remaining: Some(MS(hour)),
        ..snapshot
    };
    assert_eq!(verdicts(&patient, &hurried), [gave_up; 2]);
}

#[test]
fn max_elapsed_cuts_no_wait_that_was_asked_for() {
    let rules = RetryRules {
        max_elapsed: MS(12_000),
        ..RetryRules::default()
    };
    let rows = [
        (30_000, 0, Verdict::GiveUp(GiveUp::NotBefore)),
        (12_001, 0, Verdict::GiveUp(GiveUp::NotBefore)),
        (12_000, 0, Verdict::Again(MS(12_000))),
        (5_000, 7_000, Verdict::Again(MS(5_000))),
        (5_001, 7_000, Verdict::GiveUp(GiveUp::NotBefore)),
    ];
    for (asked, elapsed, expected) in rows {
        let failure = asking(Code::ApiOverloaded, asked);
        let found = verdicts(&rules, &after(&failure, elapsed));
        assert_eq!(found, [expected; 2], "{asked} after {elapsed}");
    }
}

/// A rule for the failure sets other limits. It undercuts no more than they do.
#[test]
fn the_longest_wait_of_a_rule_cuts_no_wait_that_was_asked_for() {
    let rule = RetryRule {
        when: RetryWhen {
            code: Some(CodePattern::new("api.*")),
            ..RetryWhen::default()
        },
        max_delay: Some(MS(50)),
        max_elapsed: Some(MS(60_000)),
        ..RetryRule::default()
    };
    let rules = RetryRules {
        rules: vec![rule],
        ..RetryRules::default()
    };
    for (asked, expected) in [
        (5_000, Verdict::Again(MS(5_000))),
        (60_001, Verdict::GiveUp(GiveUp::NotBefore)),
    ] {
        let failure = asking(Code::ApiThrottled, asked);
        assert_eq!(verdicts(&rules, &after(&failure, 0)), [expected; 2], "{asked}");
    }
}

#[test]
fn a_breaker_that_stays_open_for_longer_is_told_by_its_name() {
    let rules = RetryRules::default();
    for (asked, expected) in [
        (20_000, Verdict::Again(MS(20_000))),
        (30_001, Verdict::GiveUp(GiveUp::BreakerOpen)),
        (u64::MAX, Verdict::GiveUp(GiveUp::BreakerOpen)),
    ] {
        let failure = asking(Code::ShedBreaker, asked);
        assert_eq!(decide(&rules, &after(&failure, 0), 0), expected, "{asked}");
    }
}

/// A thirty-first day is a defect only if nobody asked for it.
#[test]
fn a_policy_may_wait_as_long_as_was_asked_for() {
    let days = 40 * 86_400_000;
    let failure = asking(Code::ApiQuota, days);
    let rules = RetryRules {
        max_elapsed: MS(2 * days),
        ..RetryRules::default()
    };
    let found = clamp(&rules, &after(&failure, 0), Answer::Again(days));
    assert_eq!(found, Ok(Verdict::Again(MS(days))));
    assert!(clamp(&rules, &after(&failure, 0), Answer::Again(days + 1)).is_err());
}

/// What is asked, in milliseconds; none is common, and so is what fits.
fn any_asked() -> impl proptest::strategy::Strategy<Value = Option<u64>> {
    prop_oneof![Just(None), (0..900_000_u64).prop_map(Some), any::<Option<u64>>()]
}

/// What a component answers.
fn any_answer() -> impl proptest::strategy::Strategy<Value = Answer> {
    prop_oneof![
        (0..900_000_u64).prop_map(Answer::Again),
        any::<u64>().prop_map(Answer::Again),
        Just(Answer::GiveUp),
    ]
}

proptest! {
    #![proptest_config(arbitrary::cases(8_000))]

    /// A plain model: an asked wait fits if it ends within `max_elapsed` and before
    /// the deadline. Then nobody gives up because of it, and nobody comes sooner.
    #[test]
    fn no_wait_is_shorter_than_was_asked_for_and_none_that_fits_ends_a_task(
        values in arbitrary::rules(), rule_delay in prop::option::of(arbitrary::span()), asked in any_asked(),
        code in prop::sample::select(Code::ALL), attempt in arbitrary::attempt(), elapsed in arbitrary::span(),
        remaining in prop::option::of(arbitrary::span()), answer in any_answer(), random: u64,
    ) {
        let when = RetryWhen { code: Some(CodePattern::new("api.*")), ..RetryWhen::default() };
        let rule = RetryRule { when, max_delay: rule_delay, ..RetryRule::default() };
        let rules = RetryRules { rules: vec![rule], ..values };
        let mut failure = Failure::new(code, "");
        failure.retry_after_ms = asked;
        let snapshot = Snapshot { attempt, elapsed, remaining, ..after(&failure, 0) };
        let asked = MS(asked.unwrap_or(0));
        let fits = elapsed.saturating_add(asked) <= rules.max_elapsed && remaining.is_none_or(|left| asked < left);
        let answered = clamp(&rules, &snapshot, answer).ok();
        for verdict in [Some(decide(&rules, &snapshot, random)), answered].into_iter().flatten() {
            match verdict {
                Verdict::Again(wait) => {
                    prop_assert!(fits && wait >= asked);
                    prop_assert!(elapsed.saturating_add(wait) <= rules.max_elapsed);
                }
                Verdict::GiveUp(GiveUp::NotBefore) => prop_assert!(!fits && !asked.is_zero()),
                Verdict::GiveUp(_) => {}
            }
        }
    }
}
