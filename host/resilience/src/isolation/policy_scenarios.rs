//! Short lives of a pool: policies that are components.

use std::time::Duration;

use super::scenarios::{id, pool, rules, s, trap};
use super::*;

/// One attempt that strikes, counted and not judged.
fn case(pool: &mut Pool, at: u64) -> Case {
    let lease = pool.choose(&[], &rules(), s(at)).unwrap().lease;
    let failure = trap();
    let outcome = Outcome::Strike(&failure);
    match pool.count(lease, outcome, Usage::default(), &rules(), s(at)) {
        Counted::Case(case) => case,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_policy_is_told_how_instance_and_pool_are_doing() {
    let mut pool = pool(4);
    for at in 0..8 {
        let lease = pool.choose(&[], &rules(), s(at)).unwrap().lease;
        let usage = Usage {
            duration: Duration::from_millis(10 * (at + 1)),
            ..Usage::default()
        };
        pool.record(lease, Outcome::Success, usage, &rules(), s(at), 0);
    }
    let about = case(&mut pool, 8);
    let evidence = pool.evidence(about, &rules(), s(8)).unwrap();
    assert_eq!(about.instance(), id(0));
    assert_eq!(
        evidence.counts,
        Counts {
            consecutive: 1,
            attempts: 3,
            strikes: 1,
            pool_attempts: 9,
            pool_strikes: 1,
        }
    );
    assert_eq!(
        (evidence.median, evidence.pool_median),
        (Duration::from_millis(10), Duration::from_millis(40))
    );
    assert_eq!(
        (
            evidence.pool_size,
            evidence.quarantined,
            evidence.allowed,
            evidence.times
        ),
        (4, 0, 2, 0)
    );
}

#[test]
fn a_policy_is_held_to_the_longest_time_and_to_the_floor() {
    let mut pool = pool(2);
    let asks = |ms| clamp(Answer::Quarantine(ms), "bad").unwrap();
    let about = case(&mut pool, 0);
    let change = pool.apply(about, asks(86_400_000), &rules(), s(0), 0).unwrap();
    let Kind::Quarantined(entry) = change.kind else {
        panic!("{change:?}");
    };
    assert_eq!(
        (entry.remaining, entry.reason.to_string()),
        (s(3600), "the policy: bad".into())
    );
    let about = case(&mut pool, 0);
    let change = pool.apply(about, asks(1_000), &rules(), s(0), 0).unwrap();
    assert!(matches!(
        change.kind,
        Kind::Held {
            quarantined: 1,
            allowed: 1,
            ..
        }
    ));
}

#[test]
fn a_policy_may_let_a_failed_probe_work() {
    let mut pool = pool(2);
    pool.quarantine(id(0), Some(s(1)), "", &rules(), s(0), 0).unwrap();
    let about = case(&mut pool, 1);
    assert!(about.is_probe());
    let change = pool.apply(about, Ruling::Keep, &rules(), s(1), 0).unwrap();
    assert!(matches!(
        change.kind,
        Kind::Released {
            why: Release::Policy,
            ..
        }
    ));
}

#[test]
fn a_ruling_that_comes_late_does_nothing() {
    let mut pool = pool(4);
    let about = case(&mut pool, 0);
    pool.quarantine(about.instance(), None, "", &rules(), s(0), 0)
        .unwrap();
    let ruling = clamp(Answer::Quarantine(1), "late").unwrap();
    assert_eq!(pool.apply(about, ruling, &rules(), s(1), 0), None);
    assert_eq!(pool.evidence(about, &rules(), s(1)), None);
}
