use super::super::arbitrary;
use super::meanings::OF_SERVICE;
use super::*;
use crate::{Jitter, Strategy};
use fusebox_types::failure::Category;
use proptest::prelude::*;
use proptest::strategy::Strategy as Generator;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn snapshot(failure: &Failure, attempt: u32) -> Snapshot<'_> {
    Snapshot {
        failure,
        attempt,
        previous_delay: Duration::ZERO,
        elapsed: Duration::ZERO,
        remaining: None,
        idempotent: true,
        meanings: &OF_SERVICE,
    }
}

fn asking(code: Code, retry_after_ms: Option<u64>) -> Failure {
    let mut failure = Failure::new(code, "");
    failure.retry_after_ms = retry_after_ms;
    failure
}

fn guest(code: &str, retry_after_ms: Option<u64>) -> Failure {
    let mut failure = asking(Code::Guest(code.into()), retry_after_ms);
    failure.category = Category::ApiLimit;
    failure.retryable = Some(true);
    failure
}

fn plain(strategy: Strategy, base: u64, max_delay: u64) -> RetryRules {
    RetryRules {
        strategy,
        jitter: Jitter::None,
        base: MS(base),
        max_delay: MS(max_delay),
        max_attempts: u32::MAX,
        ..RetryRules::default()
    }
}

/// V16: temporal's `TestDefaultPublishRetryPolicy`. The clock goes on by each
/// wait, the last one is cut to what remains, then it stops. The vector's
/// expiry is the design's `max_elapsed`.
#[test]
fn v16() {
    let rules = RetryRules {
        max_elapsed: MS(60_000),
        ..plain(Strategy::Exponential, 50, 10_000)
    };
    let failure = asking(Code::TrapPanic, None);
    let mut state = snapshot(&failure, 1);
    let waits = [
        50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000, 10_000, 7_250,
    ];
    for expected in waits {
        assert_eq!(decide(&rules, &state, 0), Verdict::Again(MS(expected)));
        state.elapsed += MS(expected);
        state.attempt += 1;
    }
    assert_eq!(decide(&rules, &state, 0), Verdict::GiveUp(GiveUp::Elapsed));
}

/// V18: botocore's and linkerd's clamps of `Retry-After`, with a computed wait
/// of 50 ms.
///
/// botocore clamps at the computed wait plus 5 s, linkerd at 300 s. The design
/// undercuts nobody: where it does not fit into `max_elapsed`, nothing is tried.
/// What is no number, or a negative one, is not asked for at all once it was read.
#[test]
fn v18() {
    let again = |ms| Verdict::Again(MS(ms));
    let rows = [
        (Some(1_500), 5_050, again(1_500)),
        (Some(0), 5_050, again(50)),
        (Some(10_000), 5_050, again(10_000)),
        (None, 5_050, again(50)),
        (Some(120_000), 300_000, again(120_000)),
        (Some(3_600_000), 300_000, Verdict::GiveUp(GiveUp::NotBefore)),
    ];
    for (asked, max_delay, expected) in rows {
        let failure = guest("svc.throttled", asked);
        let rules = plain(Strategy::Fixed, 50, max_delay);
        let found = decide(&rules, &snapshot(&failure, 1), u64::MAX);
        assert_eq!(found, expected, "{asked:?} {max_delay}");
    }
}

#[test]
fn what_cannot_be_helped_is_not_tried_again() {
    let verdict = |code, attempt| {
        let failure = Failure::new(code, "");
        decide(&RetryRules::default(), &snapshot(&failure, attempt), u64::MAX)
    };
    assert_eq!(verdict(Code::LimitFuel, 1), Verdict::GiveUp(GiveUp::NonRetryable));
    assert_eq!(verdict(Code::TrapPanic, 1), Verdict::Again(MS(100)));
    assert_eq!(verdict(Code::TrapPanic, 4), Verdict::GiveUp(GiveUp::Attempts));
    assert_eq!(
        verdict(Code::TrapPanic, u32::MAX),
        Verdict::GiveUp(GiveUp::Attempts)
    );
    assert_eq!(verdict(Code::Cancelled, 1), Verdict::GiveUp(GiveUp::Cancelled));
}

#[test]
fn nothing_is_tried_that_would_begin_past_the_deadline() {
    let rules = plain(Strategy::Fixed, 100, 30_000);
    let rows = [
        (None, 101, Verdict::Again(MS(100))),
        (None, 100, Verdict::GiveUp(GiveUp::Deadline)),
        (None, 0, Verdict::GiveUp(GiveUp::Deadline)),
        (Some(5_000), 5_001, Verdict::Again(MS(5_000))),
        (Some(5_000), 5_000, Verdict::GiveUp(GiveUp::NotBefore)),
        (Some(60_000), 45_000, Verdict::GiveUp(GiveUp::NotBefore)),
        (Some(60_000), 60_001, Verdict::Again(MS(60_000))),
        (Some(u64::MAX), 60_000, Verdict::GiveUp(GiveUp::NotBefore)),
    ];
    for (asked, remaining, expected) in rows {
        let failure = asking(Code::TrapPanic, asked);
        let state = Snapshot {
            remaining: Some(MS(remaining)),
            ..snapshot(&failure, 1)
        };
        assert_eq!(decide(&rules, &state, 0), expected, "{asked:?} {remaining}");
    }
}

#[test]
fn a_quota_waits_for_its_time_and_a_bill_for_nothing() {
    let rows = [
        ("svc.quota", Some(20_000), Verdict::Again(MS(20_000))),
        ("svc.quota", Some(600_000), Verdict::Again(MS(600_000))),
        ("svc.quota", Some(600_001), Verdict::GiveUp(GiveUp::NotBefore)),
        ("svc.quota", None, Verdict::GiveUp(GiveUp::NonRetryable)),
        ("svc.billing", Some(1), Verdict::GiveUp(GiveUp::NonRetryable)),
        ("svc.throttled", None, Verdict::Again(MS(1_000))),
        ("svc.overloaded", None, Verdict::Again(MS(5_000))),
    ];
    for (code, asked, expected) in rows {
        let failure = guest(code, asked);
        let found = decide(&RetryRules::default(), &snapshot(&failure, 1), u64::MAX);
        assert_eq!(found, expected, "{code}");
    }
    let failure = guest("svc.quota", Some(20_000));
    let late = Snapshot {
        elapsed: MS(590_000),
        ..snapshot(&failure, 1)
    };
    assert_eq!(
        decide(&RetryRules::default(), &late, 0),
        Verdict::GiveUp(GiveUp::NotBefore)
    );
}

#[test]
fn a_task_that_is_not_idempotent_runs_again_only_when_somebody_said_so() {
    let mut failure = asking(Code::Guest("x".into()), None);
    let decide = |failure: &Failure, idempotent| {
        let state = Snapshot {
            idempotent,
            ..snapshot(failure, 1)
        };
        decide(&RetryRules::default(), &state, 0)
    };
    assert_eq!(decide(&failure, false), Verdict::GiveUp(GiveUp::NotIdempotent));
    assert!(matches!(decide(&failure, true), Verdict::Again(_)));
    failure.retryable = Some(true);
    assert!(matches!(decide(&failure, false), Verdict::Again(_)));
}

#[test]
fn decorrelated_is_told_the_wait_before() {
    let rules = plain(Strategy::Decorrelated, 100, 30_000);
    let failure = asking(Code::TrapPanic, None);
    let state = Snapshot {
        previous_delay: MS(1_000),
        ..snapshot(&failure, 2)
    };
    assert_eq!(decide(&rules, &state, u64::MAX), Verdict::Again(MS(3_000)));
}

#[test]
fn reasons_are_named_as_in_the_report() {
    use GiveUp as G;
    let reasons = [
        G::NonRetryable,
        G::Attempts,
        G::Budget,
        G::Elapsed,
        G::Deadline,
        G::NotBefore,
        G::NotIdempotent,
        G::Cancelled,
        G::DependencyFailed,
        G::FailsSession,
    ];
    let names = reasons.map(|reason| serde_json::to_value(reason).unwrap());
    let expected = [
        "non-retryable",
        "attempts",
        "budget",
        "elapsed",
        "deadline",
        "not-before",
        "not-idempotent",
        "cancelled",
        "dependency-failed",
        "fails-session",
    ];
    assert_eq!(names, expected);
}

fn any_failure() -> impl Generator<Value = Failure> {
    let guests = ["x", "svc.throttled", "svc.overloaded", "svc.quota", "svc.billing"]
        .map(|code| Code::Guest(code.into()));
    let codes: Vec<_> = Code::ALL.iter().cloned().chain(guests).collect();
    let wait = prop_oneof![Just(None), (0..100_000_u64).prop_map(Some), any::<Option<u64>>()];
    let helps = prop_oneof![3 => Just(None), 3 => Just(Some(Some(true))), 1 => any::<bool>().prop_map(|b| Some(Some(b)))];
    (prop::sample::select(codes), wait, helps).prop_map(|(code, wait, helps)| {
        let mut failure = asking(code, wait);
        failure.retryable = helps.unwrap_or(failure.retryable);
        failure
    })
}

proptest! {
    #![proptest_config(arbitrary::cases(8_000))]

    /// Whatever comes in: a decision, the same for the same, and within every
    /// limit if it is to go on.
    #[test]
    fn a_wait_keeps_every_limit(
        rules in arbitrary::rules(), failure in any_failure(), attempt in arbitrary::attempt(), random: u64, idempotent: bool,
        previous_delay in arbitrary::span(), elapsed in arbitrary::span(), remaining in prop::option::of(arbitrary::span()),
    ) {
        let state = Snapshot { failure: &failure, attempt, previous_delay, elapsed, remaining, idempotent, meanings: &OF_SERVICE };
        let verdict = decide(&rules, &state, random);
        prop_assert_eq!(verdict, decide(&rules, &state, random));
        let Verdict::Again(wait) = verdict else { return Ok(()) };
        let asked = MS(failure.retry_after_ms.unwrap_or(0));
        prop_assert!(wait <= rules.max_delay.max(asked));
        prop_assert!(wait.saturating_add(elapsed) <= rules.max_elapsed);
        prop_assert!(remaining.is_none_or(|remaining| wait < remaining));
        prop_assert!(attempt < rules.max_attempts);
        prop_assert!(failure.retryable == Some(true) || (failure.retryable.is_none() && idempotent));
    }
}
