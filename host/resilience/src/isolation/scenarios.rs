//! Short lives of a pool that show one rule each: choice, strikes, and the floor.

use std::time::Duration;

use super::*;
use crate::isolation::IsolationRules;
use fusebox_types::InstanceId;
use fusebox_types::digest::Digest;
use fusebox_types::failure::{Blame, Category, Code, Failure};
use fusebox_types::units::Rate;

/// The defaults, without chance.
pub(super) fn rules() -> IsolationRules {
    IsolationRules {
        quarantine_jitter: Rate::percent(0),
        ..IsolationRules::default()
    }
}

pub(super) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) fn id(number: usize) -> InstanceId {
    InstanceId::new(&format!("i{number}"))
}

pub(super) fn members(count: usize) -> Vec<Member> {
    let digest = Digest::of(b"plugin");
    (0..count)
        .map(|number| Member {
            id: id(number),
            digest,
        })
        .collect()
}

pub(super) fn pool(count: usize) -> Pool {
    let mut pool = Pool::new(s(0));
    assert_eq!(pool.reload(&members(count), &rules(), s(0)), vec![]);
    pool
}

pub(super) fn trap() -> Failure {
    Failure::new(Code::TrapPanic, "no")
}

pub(super) fn end(pool: &mut Pool, lease: Lease, failure: Option<&Failure>, at: u64) -> Option<Change> {
    pool.record(
        lease,
        Outcome::from(failure),
        Usage::default(),
        &rules(),
        s(at),
        0,
    )
}

/// Strikes an instance until it changes: what it says of it.
pub(super) fn strike_out(pool: &mut Pool, number: usize, at: u64) -> Change {
    let strikes = (0..1000).find_map(|_| {
        let choice = pool.choose(&[], &rules(), s(at)).unwrap();
        let failed = (choice.lease.instance() == id(number)).then(trap);
        let probe = choice.lease.is_probe();
        let outcome = failed.as_ref().map_or(Outcome::Neutral, Outcome::Strike);
        let change = pool.record(choice.lease, outcome, Usage::default(), &rules(), s(at), 0);
        assert!(!probe || failed.is_some(), "a probe of another");
        change
    });
    strikes.expect("a change")
}

pub(super) fn first(pool: &mut Pool, at: u64) -> Lease {
    pool.choose(&[], &rules(), s(at)).unwrap().lease
}

pub(super) fn out(pool: &Pool, at: u64) -> Vec<InstanceId> {
    let out = pool.quarantined(&rules(), s(at));
    out.iter().map(|out| out.instance).collect()
}

pub(super) fn quarantined(change: &Change) -> &Quarantined {
    match &change.kind {
        Kind::Quarantined(quarantined) => quarantined,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_least_in_flight_is_chosen_and_ties_go_round() {
    let mut pool = pool(3);
    let leases: Vec<_> = (0..7).map(|_| first(&mut pool, 0)).collect();
    let order: Vec<_> = leases.iter().map(Lease::instance).collect();
    assert_eq!(order, [0, 1, 2, 0, 1, 2, 0].map(id));
    for lease in leases.into_iter().skip(4) {
        assert_eq!(end(&mut pool, lease, None, 1), None);
    }
    // In flight: 2, 1, 1.
    assert_eq!(first(&mut pool, 1).instance(), id(1));
    assert_eq!(first(&mut pool, 1).instance(), id(2));
}

#[test]
fn one_after_the_other_all_instances_have_their_turn() {
    let mut pool = pool(4);
    let order: Vec<_> = (0..8)
        .map(|at| {
            let lease = first(&mut pool, at);
            let instance = lease.instance();
            end(&mut pool, lease, None, at);
            instance
        })
        .collect();
    assert_eq!(order, [0, 1, 2, 3, 0, 1, 2, 3].map(id));
}

#[test]
fn a_retry_goes_where_the_task_has_not_failed() {
    let mut pool = pool(3);
    let retry = |pool: &mut Pool, failed_on: &[usize]| {
        let failed_on: Vec<_> = failed_on.iter().map(|number| id(*number)).collect();
        let choice = pool.choose(&failed_on, &rules(), s(0)).unwrap();
        choice.lease.instance()
    };
    assert_eq!(retry(&mut pool, &[0]), id(1));
    assert_eq!(
        retry(&mut pool, &[0, 1]),
        id(2),
        "although 0 has as little in flight"
    );
    assert_eq!(retry(&mut pool, &[1, 2]), id(0));
    assert_eq!(retry(&mut pool, &[0, 1, 2]), id(1), "not where it failed last");
    assert_eq!(retry(&mut pool, &[2, 0, 1]), id(2));
    assert_eq!(retry(&mut self::pool(1), &[0]), id(0), "there is no other");
}

#[test]
fn three_strikes_in_a_row_take_it_out_with_reason_and_evidence() {
    let mut pool = pool(4);
    let change = strike_out(&mut pool, 2, 10);
    assert_eq!((change.instance, change.at), (id(2), s(10)));
    let entry = quarantined(&change);
    assert_eq!(
        (
            &entry.reason,
            entry.times,
            entry.remaining,
            entry.counts.consecutive
        ),
        (&Reason::Strikes, 1, s(60), 3)
    );
    assert_eq!((entry.counts.strikes, entry.counts.pool_strikes), (3, 3));
    assert_eq!(entry.failures.len(), 3);
    assert_eq!(entry.failures[0].code, Code::TrapPanic);
    let later = pool.quarantined(&rules(), s(40));
    assert_eq!((later[0].lasted, later[0].remaining), (s(30), s(30)));
    assert_eq!(later[0].failures[0].ago, s(30));
    for _ in 0..20 {
        assert_ne!(first(&mut pool, 69).instance(), id(2), "it is out");
    }
}

#[test]
fn a_success_between_begins_the_strikes_anew() {
    let mut pool = pool(2);
    // Too few attempts to be compared with the other.
    for turn in 0..6 {
        for failing in [true, true, false] {
            let lease = first(&mut pool, turn);
            let failure = failing.then(trap);
            assert_eq!(end(&mut pool, lease, failure.as_ref(), turn), None);
            let lease = first(&mut pool, turn);
            end(&mut pool, lease, None, turn);
        }
    }
}

#[test]
fn back_pressure_and_faults_of_others_never_lead_to_quarantine() {
    let mut pool = pool(2);
    let mut upstream = Failure::new(Code::LimitDeadline, "");
    upstream.blame = Blame::Upstream;
    let mut service = Failure::new(Code::Guest("svc.throttled".into()), "");
    service.category = Category::ApiLimit;
    let mut others = vec![upstream, service];
    let neutral = Code::ALL.iter().filter(|code| !code.row().strike);
    others.extend(neutral.map(|code| Failure::new(code.clone(), "")));
    for at in 0..100 {
        for failure in &others {
            let lease = first(&mut pool, at);
            assert_eq!(end(&mut pool, lease, Some(failure), at), None, "{failure}");
        }
    }
    assert_eq!(out(&pool, 100), vec![]);
}

#[test]
fn an_instance_that_fails_more_than_its_pool_is_an_outlier() {
    let (mut pool, mut changes) = (pool(4), vec![]);
    for turn in 0..40 {
        for _ in 0..4 {
            let lease = first(&mut pool, turn);
            let fails = lease.instance() == id(3) && turn % 3 != 2;
            let failure = fails.then(trap);
            changes.extend(end(&mut pool, lease, failure.as_ref(), turn));
        }
    }
    let [change] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    let entry = quarantined(change);
    assert_eq!((change.instance, &entry.reason), (id(3), &Reason::Outlier));
    assert!(entry.counts.attempts >= 20 && entry.counts.consecutive < 3);
}

#[test]
fn half_of_a_pool_stays_and_says_so_when_all_are_bad() {
    let (mut pool, mut changes) = (pool(4), vec![]);
    for at in 0..50 {
        let lease = first(&mut pool, at);
        changes.extend(end(&mut pool, lease, Some(&trap()), at));
    }
    let kinds: Vec<_> = changes
        .iter()
        .map(|change| match &change.kind {
            Kind::Quarantined(_) => "out",
            Kind::Held {
                quarantined: 2,
                allowed: 2,
                reason: Reason::Strikes,
            } => "held",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["out", "out", "held", "held"], "each is said once");
    let choice = pool.choose(&[], &rules(), s(50)).unwrap();
    assert!(choice.degraded && !choice.lease.is_probe());
    let states: Vec<_> = pool
        .list(&rules(), s(50))
        .iter()
        .map(|health| (health.state, health.healthy))
        .collect();
    assert_eq!(
        states,
        [
            (State::Quarantined, false),
            (State::Quarantined, false),
            (State::Held, false),
            (State::Held, false)
        ]
    );
}

#[test]
fn one_that_is_held_is_well_again_after_a_success() {
    let mut pool = pool(2);
    strike_out(&mut pool, 0, 0);
    let held = strike_out(&mut pool, 1, 0);
    assert!(matches!(held.kind, Kind::Held { .. }));
    assert!(pool.is_degraded(&rules()));
    let lease = first(&mut pool, 1);
    end(&mut pool, lease, None, 1);
    assert!(!pool.is_degraded(&rules()), "half is not below half");
}

#[test]
fn the_only_one_is_never_taken_out() {
    let mut pool = pool(1);
    let held = strike_out(&mut pool, 0, 0);
    assert!(matches!(held.kind, Kind::Held { allowed: 0, .. }));
    assert!(pool.choose(&[id(0)], &rules(), s(1)).unwrap().degraded);
    let refused = pool.quarantine(id(0), None, "", &rules(), s(1), 0);
    assert!(matches!(refused, Err(Refused::Floor { .. })));
}
