//! Short lives of a pool: how a quarantine ends, and how it is remembered.

use super::scenarios::{end, first, id, pool, quarantined, rules, s, strike_out, trap};
use super::*;
use crate::isolation::IsolationRules;
use fusebox_types::failure::{Code, Failure};
use fusebox_types::units::Rate;

#[test]
fn time_brings_it_back_through_one_probe() {
    let mut pool = pool(2);
    strike_out(&mut pool, 0, 0);
    assert!(!first(&mut pool, 59).is_probe());
    let probe = first(&mut pool, 60);
    assert_eq!((probe.instance(), probe.is_probe()), (id(0), true));
    for _ in 0..10 {
        assert_eq!(first(&mut pool, 60).instance(), id(1), "only one");
    }
    assert!(pool.quarantined(&rules(), s(60))[0].probing);
    let change = end(&mut pool, probe, None, 61).unwrap();
    let released = Kind::Released {
        why: Release::Probe,
        lasted: s(61),
        times: 1,
    };
    assert_eq!(change.kind, released);
    assert_eq!(first(&mut pool, 61).instance(), id(0));
}

#[test]
fn a_probe_that_fails_takes_it_out_for_longer_each_time_up_to_the_cap() {
    let (mut pool, mut at, mut lengths) = (pool(2), 0, vec![]);
    strike_out(&mut pool, 0, 0);
    for _ in 0..61 {
        at += pool.quarantined(&rules(), s(at))[0].remaining.as_secs();
        let probe = first(&mut pool, at);
        let change = end(&mut pool, probe, Some(&trap()), at).unwrap();
        let entry = quarantined(&change);
        assert_eq!(entry.reason, Reason::ProbeFailed);
        lengths.push(entry.remaining.as_secs());
    }
    assert_eq!(lengths[..3], [120, 180, 240]);
    assert_eq!(lengths[57..], [3540, 3600, 3600, 3600]);
}

#[test]
fn a_probe_that_hangs_or_says_nothing_does_not_keep_it_out() {
    let mut pool = pool(2);
    strike_out(&mut pool, 0, 0);
    let hung = first(&mut pool, 60);
    assert!(!first(&mut pool, 119).is_probe());
    let second = first(&mut pool, 120);
    assert!(second.is_probe(), "the lease of the first is over");
    assert_eq!(
        end(&mut pool, hung, Some(&trap()), 121),
        None,
        "a late result does nothing"
    );
    let shed = Failure::new(Code::ShedPool, "");
    assert_eq!(
        end(&mut pool, second, Some(&shed), 121),
        None,
        "nothing was learned"
    );
    let third = first(&mut pool, 121);
    assert!(third.is_probe());
    assert!(end(&mut pool, third, None, 122).is_some());
}

#[test]
fn a_retry_is_a_probe_only_if_the_task_failed_on_all_others() {
    let mut pool = pool(3);
    strike_out(&mut pool, 0, 0);
    let retry = |pool: &mut Pool, failed_on: &[usize]| {
        let failed_on: Vec<_> = failed_on.iter().map(|number| id(*number)).collect();
        pool.choose(&failed_on, &rules(), s(60)).unwrap().lease
    };
    assert_eq!(retry(&mut pool, &[1]).instance(), id(2));
    let probe = retry(&mut pool, &[1, 2]);
    assert_eq!((probe.instance(), probe.is_probe()), (id(0), true));
}

#[test]
fn results_that_began_before_a_change_do_nothing() {
    let mut pool = pool(2);
    let old: Vec<_> = (0..20).map(|_| first(&mut pool, 0)).collect();
    strike_out(&mut pool, 0, 0);
    pool.release(id(0), &rules(), s(1)).unwrap();
    let old = old.into_iter().filter(|lease| lease.instance() == id(0));
    for lease in old {
        assert_eq!(end(&mut pool, lease, Some(&trap()), 2), None);
    }
    let health = pool.health(id(0), &rules(), s(2)).unwrap();
    assert_eq!(
        (health.in_flight, health.struck, health.counts.strikes),
        (0, 13, 0)
    );
}

#[test]
fn its_quarantines_are_forgotten_one_by_one_while_it_is_in_service() {
    let mut pool = pool(2);
    strike_out(&mut pool, 0, 0);
    for at in [60, 180] {
        let probe = first(&mut pool, at);
        end(&mut pool, probe, Some(&trap()), at).unwrap();
    }
    let probe = first(&mut pool, 360);
    end(&mut pool, probe, None, 360);
    let times = |pool: &Pool, at| pool.health(id(0), &rules(), s(at)).unwrap().times;
    assert_eq!([419, 420, 480, 10_000].map(|at| times(&pool, at)), [3, 2, 1, 0]);
    let again = strike_out(&mut pool, 0, 480);
    assert_eq!(quarantined(&again).remaining, s(120), "one and this one");
}

#[test]
fn its_length_is_spread_by_the_jitter_of_the_rules() {
    let spread = IsolationRules {
        quarantine_jitter: Rate::percent(10),
        ..rules()
    };
    let mut pool = pool(4);
    pool.quarantine(id(0), None, "", &spread, s(0), u64::MAX).unwrap();
    let remaining = pool.quarantined(&spread, s(0))[0].remaining;
    assert!(
        (53_999..=54_001).contains(&remaining.as_millis()),
        "{remaining:?}"
    );
}
