//! Short lives of a pool: orders of the operator, and other configurations.

use super::scenarios::{end, first, id, members, out, pool, quarantined, rules, s, strike_out, trap};
use super::*;
use crate::isolation::IsolationRules;
use fusebox_types::InstanceId;
use fusebox_types::digest::Digest;
use fusebox_types::units::Rate;

#[test]
fn the_operator_quarantines_and_releases() {
    let mut pool = pool(4);
    let ordered = pool.quarantine(id(1), Some(s(7200)), "a look", &rules(), s(0), 0);
    let ordered = ordered.unwrap();
    let entry = quarantined(&ordered);
    assert_eq!(entry.remaining, s(7200), "longer than the rules would");
    assert_eq!(entry.reason.to_string(), "the operator: a look");
    pool.quarantine(id(2), None, "", &rules(), s(0), 0).unwrap();
    let refused = pool.quarantine(id(3), None, "", &rules(), s(0), 0).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "2 of its pool are quarantined and 2 may be (`max_quarantined`)"
    );
    let released = pool.release(id(1), &rules(), s(5)).unwrap().unwrap();
    let kind = Kind::Released {
        why: Release::Operator,
        lasted: s(5),
        times: 0,
    };
    assert_eq!(released.kind, kind);
    assert_eq!(pool.release(id(1), &rules(), s(5)), Ok(None), "it was not out");
    let nobody = InstanceId::new("nobody");
    assert_eq!(
        pool.release(nobody, &rules(), s(5)),
        Err(Refused::Unknown(nobody))
    );
}

#[test]
fn another_plugin_is_another_instance() {
    let mut pool = pool(2);
    let (old, _other) = (first(&mut pool, 0), first(&mut pool, 0));
    strike_out(&mut pool, 0, 0);
    let mut renewed = members(2);
    renewed[0].digest = Digest::of(b"mended");
    let changes = pool.reload(&renewed, &rules(), s(5));
    let [change] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    assert!(matches!(
        change.kind,
        Kind::Released {
            why: Release::NewDigest,
            times: 0,
            ..
        }
    ));
    assert_eq!(
        end(&mut pool, old, Some(&trap()), 6),
        None,
        "a strike of the old plugin"
    );
    let health = pool.health(id(0), &rules(), s(6)).unwrap();
    assert_eq!((health.in_flight, health.counts.consecutive), (0, 0));
}

#[test]
fn a_reload_keeps_the_state_of_those_that_stay() {
    let mut pool = pool(4);
    strike_out(&mut pool, 3, 0);
    let leases: Vec<_> = (0..4).map(|_| first(&mut pool, 0)).collect();
    let kept: Vec<_> = members(5).into_iter().skip(1).rev().collect();
    assert_eq!(pool.reload(&kept, &rules(), s(1)), vec![]);
    assert_eq!(out(&pool, 1), [id(3)]);
    let ids: Vec<_> = pool
        .list(&rules(), s(1))
        .iter()
        .map(|health| health.instance)
        .collect();
    assert_eq!(ids, [4, 3, 2, 1].map(id));
    // Instance 0 comes back while its attempts are under way.
    pool.reload(&members(4), &rules(), s(2));
    let in_flight = |pool: &Pool| pool.health(id(0), &rules(), s(2)).unwrap().in_flight;
    assert_eq!(in_flight(&pool), 2);
    for lease in leases {
        end(&mut pool, lease, None, 2);
    }
    assert_eq!(in_flight(&pool), 0);
}

#[test]
fn a_smaller_pool_or_share_brings_the_surplus_back() {
    let mut pool = pool(4);
    strike_out(&mut pool, 2, 0);
    strike_out(&mut pool, 3, 5);
    let changes = pool.reload(&members(4)[1..], &rules(), s(10));
    let [change] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    assert_eq!(change.instance, id(2), "its time was over first");
    assert!(matches!(
        change.kind,
        Kind::Released {
            why: Release::Floor,
            times: 1,
            ..
        }
    ));
    assert_eq!(out(&pool, 10), [id(3)]);
    let none = IsolationRules {
        max_quarantined: Rate::percent(0),
        ..rules()
    };
    assert_eq!(pool.reload(&members(4), &none, s(11)).len(), 1);
    assert_eq!(out(&pool, 11), vec![]);
}

#[test]
fn a_reload_reaches_a_quarantine_that_is_under_way() {
    let mut pool = pool(2);
    strike_out(&mut pool, 0, 0);
    let short = IsolationRules {
        quarantine_time: s(10),
        ..rules()
    };
    assert!(pool.choose(&[], &short, s(10)).unwrap().lease.is_probe());
}
