//! What is kept is written down, read, and gone on from.

use super::super::scenarios::{id, members, pool, rules, s, trap};
use super::super::{Kind, Outcome, Release, Usage};
use super::*;
use fusebox_types::digest::Digest;

const NOON: u64 = 1_800_000_000_000;

/// A pool with one that has been out for ten seconds, as it is written down.
fn kept() -> Vec<KeptInstance> {
    let mut pool = pool(4);
    for _ in 0..3 {
        for _ in 0..4 {
            let lease = pool.choose(&[], &rules(), s(5)).unwrap().lease;
            let failure = (lease.instance() == id(1)).then(trap);
            pool.record(
                lease,
                failure.as_ref().into(),
                Usage::default(),
                &rules(),
                s(5),
                0,
            );
        }
    }
    let kept = pool.keep(&rules(), s(15), NOON);
    let written = serde_json::to_string(&kept).unwrap();
    serde_json::from_str(&written).unwrap()
}

#[test]
fn a_quarantine_goes_on_in_the_next_run() {
    let kept = kept();
    let quarantine = kept[0].quarantine.as_ref().unwrap();
    assert_eq!((kept[0].since, quarantine.until), (NOON - 10_000, NOON + 50_000));
    let (mut pool, changes) = Pool::restore(&members(4), &kept, &rules(), s(0), NOON + 20_000);
    assert_eq!(changes, vec![]);
    let out = pool.quarantined(&rules(), s(0));
    assert_eq!(
        (out[0].instance, out[0].lasted, out[0].remaining),
        (id(1), s(30), s(30))
    );
    assert_eq!((&out[0].reason, out[0].times), (&Reason::Strikes, 1));
    assert_eq!(out[0].failures[0].ago, s(30));
    assert!(!pool.choose(&[], &rules(), s(29)).unwrap().lease.is_probe());
    assert!(pool.choose(&[], &rules(), s(30)).unwrap().lease.is_probe());
}

#[test]
fn what_is_kept_of_another_plugin_or_instance_is_left_out() {
    let mut others = members(4);
    others[1].digest = Digest::of(b"mended");
    for members in [&others[..], &members(1)] {
        let (pool, _) = Pool::restore(members, &kept(), &rules(), s(0), NOON);
        assert_eq!(pool.quarantined(&rules(), s(0)), vec![]);
    }
}

#[test]
fn the_floor_holds_for_what_is_restored() {
    let mut two = members(4);
    two.swap(0, 1);
    let (mut pool, changes) = Pool::restore(&two[..1], &kept(), &rules(), s(0), NOON);
    assert!(matches!(
        changes[0].kind,
        Kind::Released {
            why: Release::Floor,
            ..
        }
    ));
    assert!(!pool.choose(&[], &rules(), s(0)).unwrap().lease.is_probe());
}

#[test]
fn a_clock_on_the_wall_that_was_set_back_does_no_harm() {
    let (pool, _) = Pool::restore(&members(4), &kept(), &rules(), s(0), NOON - 3_600_000);
    let out = pool.quarantined(&rules(), s(0));
    assert_eq!((out[0].lasted, out[0].remaining), (s(0), s(60)));
}

#[test]
fn past_quarantines_of_one_that_is_back_are_kept_and_go_on_fading() {
    let mut pool = pool(2);
    pool.quarantine(id(0), Some(s(1)), "", &rules(), s(0), 0).unwrap();
    let probe = pool.choose(&[], &rules(), s(1)).unwrap().lease;
    pool.record(probe, Outcome::Success, Usage::default(), &rules(), s(1), 0);
    let kept = pool.keep(&rules(), s(1), NOON);
    assert_eq!((kept.len(), kept[0].times), (1, 1));
    let times = |unix| {
        let (pool, _) = Pool::restore(&members(2), &kept, &rules(), s(0), unix);
        pool.health(id(0), &rules(), s(0)).unwrap().times
    };
    assert_eq!([times(NOON + 59_999), times(NOON + 60_000)], [1, 0]);
    assert_eq!(pool.keep(&rules(), s(100), NOON), vec![], "nothing left to keep");
}
