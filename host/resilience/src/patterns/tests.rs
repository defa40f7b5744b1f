//! What is said of a pattern beside its kind.

use std::time::Duration;

use super::*;
use fusebox_types::InstanceId;
use fusebox_types::failure::{Category, Code, Failure};

/// One code, failing at these seconds, of a session that ended at `to`.
fn pattern(failure: &Failure, at: impl IntoIterator<Item = (u64, usize)>, to: u64) -> Pattern {
    let mut log = FailureLog::default();
    for (at, instance) in at {
        let instance = InstanceId::new(&format!("i{instance}"));
        log.record(failure, "tutor", instance, Duration::from_secs(at));
    }
    let watched = Watched {
        from: Duration::ZERO,
        to: Duration::from_secs(to),
    };
    log.analyse(watched).remove(0)
}

/// Ten failures, one each ten seconds, in turn on so many instances.
fn every_ten_seconds(instances: usize) -> impl Iterator<Item = (u64, usize)> {
    (1..=10_usize).map(move |n| (n as u64 * 10, n % instances))
}

#[test]
fn it_carries_all_that_the_failures_show() {
    let failure = Failure::new(Code::LimitDeadline, "");
    let pattern = pattern(&failure, every_ten_seconds(3), 101);
    assert_eq!(
        (pattern.id.as_str(), pattern.category),
        ("limit.deadline:periodic", Category::Timeout)
    );
    assert_eq!(pattern.count, 10);
    assert_eq!(
        (pattern.first, pattern.last),
        (Duration::from_secs(10), Duration::from_secs(100))
    );
    let places: Vec<_> = pattern
        .places
        .iter()
        .map(|affected| (affected.place.to_string(), affected.count, affected.kind))
        .collect();
    assert_eq!(places[0], ("tutor/i1".into(), 4, None));
    assert_eq!(places.len(), 3);
    assert_eq!(pattern.statistic.period, Some(Duration::from_secs(10)));
    assert!(pattern.recommendation.contains("every 10.0 s"));
    assert!(
        pattern
            .recommendation
            .ends_with(Code::LimitDeadline.advice().next)
    );
}

#[test]
fn it_heals_by_itself_if_it_ended_and_trying_again_can_help() {
    let heals = |code, to| pattern(&Failure::new(code, ""), every_ten_seconds(1), to).auto_recovery;
    assert!(heals(Code::LimitDeadline, 150));
    assert!(!heals(Code::LimitDeadline, 149), "perhaps it goes on");
    assert!(!heals(Code::LimitMemory, 1_000), "the same again ends the same");
    let unknown = Code::Guest("mood".into());
    assert!(heals(unknown, 150), "nobody knows, and it ended");
}

/// What happened besides failures.
#[derive(Debug, Clone, Copy)]
struct Around {
    /// How many attempts of i1 and of i2 failed.
    failed: [u64; 2],
    /// At which second an attempt of i1, and one of i2, succeeded.
    succeeded: [Option<u64>; 2],
    /// Whether that was of a task that had failed so before.
    mended: bool,
}

const ALONE: Around = Around {
    failed: [10, 0],
    succeeded: [None, None],
    mended: false,
};

/// The pattern of a code that fails every ten seconds on each instance, of a session
/// of a thousand.
fn pattern_around(failure: &Failure, around: Around) -> Pattern {
    let mut log = FailureLog::default();
    let instances = ["i1", "i2"].map(InstanceId::new);
    for (instance, count) in instances.into_iter().zip(around.failed) {
        for n in 1..=count {
            log.record(failure, "tutor", instance, Duration::from_secs(n * 10));
        }
    }
    // Another agent did well: it is no other of the pool.
    log.succeeded(("other", instances[1]), Duration::from_secs(900), []);
    for (instance, at) in instances.into_iter().zip(around.succeeded) {
        if let Some(at) = at {
            let after = around.mended.then_some(&failure.code);
            log.succeeded(("tutor", instance), Duration::from_secs(at), after);
        }
    }
    log.analyse(Watched {
        from: Duration::ZERO,
        to: Duration::from_secs(1_000),
    })
    .remove(0)
}

const COMPARE: &str = "of them come from tutor/i1: compare its settings with those of the others.";
const MENDS: &str = "It ended by itself; a retry";
const ITSELF: &str = "the cause lies in the attempts themselves";
const SHARE: &str = "look for what these attempts share";

#[test]
fn a_sentence_is_said_with_its_evidence_and_not_without() {
    let others_did_well = Around {
        succeeded: [None, Some(5)],
        ..ALONE
    };
    let later = Around {
        succeeded: [Some(500), None],
        ..ALONE
    };
    let before = Around {
        succeeded: [Some(50), None],
        ..ALONE
    };
    for (code, around, sentence, said) in [
        (Code::TrapPanic, ALONE, COMPARE, false),
        (Code::TrapPanic, others_did_well, COMPARE, true),
        (Code::ApiThrottled, others_did_well, COMPARE, false),
        (Code::HttpConnect, others_did_well, COMPARE, false),
        (Code::InvalidInput, others_did_well, COMPARE, false),
        (
            Code::TrapPanic,
            Around {
                failed: [10, 2],
                ..ALONE
            },
            COMPARE,
            false,
        ),
        (
            Code::TrapPanic,
            Around {
                failed: [10, 2],
                succeeded: [None, Some(5)],
                ..ALONE
            },
            COMPARE,
            false,
        ),
        (
            Code::TrapPanic,
            Around {
                failed: [10, 10],
                ..others_did_well
            },
            COMPARE,
            false,
        ),
        (Code::TrapPanic, ALONE, MENDS, false),
        (Code::TrapPanic, later, MENDS, true),
        (Code::TrapPanic, before, MENDS, false),
        (
            Code::TrapPanic,
            Around {
                mended: true,
                ..before
            },
            MENDS,
            true,
        ),
        (Code::LimitFuel, later, MENDS, false),
        (Code::TrapPanic, ALONE, SHARE, true),
        (Code::ApiThrottled, ALONE, SHARE, false),
        (
            Code::ApiThrottled,
            ALONE,
            "reach the upstream's limit together",
            true,
        ),
    ] {
        let told = pattern_around(&Failure::new(code.clone(), ""), around).recommendation;
        assert_eq!(told.contains(sentence), said, "{code} {around:?}: {told}");
        assert!(!told.contains("another plugin"), "{told}");
        assert!(told.ends_with(code.advice().next), "{told}");
    }
}

#[test]
fn the_moment_is_ruled_out_only_where_the_guest_is_to_blame() {
    let chance = [3, 40, 48, 111, 150, 242, 285, 349, 467, 521, 588, 777, 803, 941];
    for (code, said) in [(Code::TrapPanic, true), (Code::HttpReset, false)] {
        let at = chance.into_iter().map(|at| (at, 1));
        let pattern = pattern(&Failure::new(code, ""), at, 1_000);
        assert_eq!(pattern.kind, Some(Kind::Random));
        assert_eq!(pattern.recommendation.contains(ITSELF), said);
    }
}

#[test]
fn the_same_failure_of_one_instance_has_no_times_of_its_own() {
    let two = Around {
        failed: [10, 10],
        ..ALONE
    };
    let mended = Around {
        succeeded: [Some(500), None],
        mended: true,
        ..ALONE
    };
    for (code, around, has) in [
        (Code::TrapPanic, ALONE, false),
        (Code::InvalidInput, ALONE, false),
        (Code::ApiAuth, ALONE, false),
        (Code::ApiThrottled, ALONE, true),
        (Code::TrapPanic, two, true),
        (Code::TrapPanic, mended, true),
    ] {
        let pattern = pattern_around(&Failure::new(code.clone(), ""), around);
        assert_eq!(pattern.has_times_of_its_own, has, "{code} {around:?}");
    }
}

#[test]
fn of_few_failures_nothing_is_said() {
    let failure = Failure::new(Code::TrapPanic, "");
    let kind = |count: u64, gap: u64| {
        let pattern = pattern(&failure, (1..=count).map(|n| (n * gap, 1)), 1_000);
        (pattern.kind, pattern.id)
    };
    assert_eq!(kind(7, 100), (None, "trap.panic:few".into()));
    assert_eq!(kind(8, 100).0, Some(Kind::Periodic));
    assert_eq!(kind(4, 1).0, None);
    assert_eq!(kind(5, 1).0, Some(Kind::Burst), "all at once");
    assert_eq!(kind(1, 1).0, None);
}

#[test]
fn an_instance_has_a_pattern_of_its_own() {
    let failure = Failure::new(Code::TrapPanic, "");
    // One beats; the other fails in threes, here and there.
    let beats = (1..100).map(|n| (n * 10, 1));
    let others = [
        3, 4, 48, 111, 118, 119, 242, 285, 349, 361, 433, 467, 521, 588, 654, 655, 777, 803, 941,
    ];
    let others: Vec<u64> = others.iter().flat_map(|at| [*at, *at + 2, *at + 13]).collect();
    let all = beats.chain(others.into_iter().map(|at| (at, 2)));
    let pattern = pattern(&failure, all, 1_000);
    assert_eq!(pattern.kind, Some(Kind::Random));
    assert_eq!(pattern.places[0].kind, Some(Kind::Periodic));
    assert_eq!(pattern.places[1].kind, Some(Kind::Burst));
}

#[test]
fn the_order_in_which_threads_tell_does_not_matter() {
    let failure = Failure::new(Code::TrapPanic, "");
    let mut at: Vec<_> = every_ten_seconds(2).collect();
    let forward = pattern(&failure, at.clone(), 200);
    at.reverse();
    let backward = pattern(&failure, at, 200);
    assert_eq!(
        (forward.kind, forward.statistic),
        (backward.kind, backward.statistic)
    );
}
