//! Short lives of a pool: health checks.

use std::time::Duration;

use super::scenarios::{id, pool, rules, s, trap};
use super::*;
use crate::isolation::IsolationRules;
use fusebox_types::failure::{Code, Failure};

fn check(pool: &mut Pool, failure: Option<&Failure>, at: u64) -> Option<Change> {
    let check = pool.next_check(&rules(), s(at)).expect("a check is due");
    let usage = Usage {
        duration: Duration::from_millis(40),
        memory_peak: 1 << 20,
        cpu: Duration::from_millis(10),
    };
    pool.checked(check, failure, usage, &rules(), s(at), 0)
}

#[test]
fn each_instance_is_checked_at_its_interval() {
    let mut pool = pool(2);
    assert!(pool.next_check(&rules(), s(29)).is_none());
    let due = |pool: &mut Pool, at| pool.next_check(&rules(), s(at)).map(|check| check.instance());
    assert_eq!(due(&mut pool, 30), Some(id(0)));
    assert_eq!(due(&mut pool, 31), Some(id(1)));
    assert_eq!(due(&mut pool, 59), None, "also if it was lost");
    assert_eq!(due(&mut pool, 60), Some(id(0)));
    let off = IsolationRules {
        health_interval: Duration::ZERO,
        ..rules()
    };
    assert!(pool.next_check(&off, s(1_000)).is_none());
}

#[test]
fn a_check_shows_what_it_took() {
    let mut pool = pool(1);
    check(&mut pool, None, 30);
    let health = pool.health(id(0), &rules(), s(35)).unwrap();
    let seen = health.check.unwrap();
    assert_eq!((seen.ago, seen.failure.as_ref()), (s(5), None));
    assert_eq!((seen.usage.memory_peak, seen.cpu_share()), (1 << 20, 2_500));
    check(&mut pool, Some(&Failure::new(Code::LimitDeadline, "slow")), 60);
    let health = pool.health(id(0), &rules(), s(60)).unwrap();
    assert!(!health.healthy);
    assert_eq!(&*health.check.unwrap().failure.unwrap().message, "slow");
}

#[test]
fn checks_that_fail_are_strikes_and_those_that_succeed_take_none_away() {
    let mut pool = pool(2);
    let both = |pool: &mut Pool, failure: Option<&Failure>, at| {
        [check(pool, failure, at), check(pool, None, at)]
            .into_iter()
            .flatten()
            .next()
    };
    assert_eq!(both(&mut pool, Some(&trap()), 30), None);
    assert_eq!(both(&mut pool, None, 60), None);
    assert_eq!(both(&mut pool, Some(&trap()), 90), None);
    let change = both(&mut pool, Some(&trap()), 120).unwrap();
    assert_eq!(change.instance, id(0));
    assert!(matches!(change.kind, Kind::Quarantined(_)));
    assert_eq!(both(&mut pool, None, 150), None);
    assert_eq!(
        pool.quarantined(&rules(), s(150)).len(),
        1,
        "only its probe brings it back"
    );
}

#[test]
fn somebody_may_ask_for_a_check_at_any_time() {
    let mut pool = pool(2);
    let asked = pool.check(id(1), s(3)).unwrap();
    pool.checked(asked, None, Usage::default(), &rules(), s(4), 0);
    let checked = |number| pool.health(id(number), &rules(), s(4)).unwrap().check;
    assert_eq!((checked(0), checked(1).unwrap().ago), (None, s(0)));
    assert!(pool.check(id(7), s(3)).is_none());
}
