//! Whole sessions on a pool, in simulated time: many tasks at once, retries on
//! other instances, instances that always trap.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use super::scenarios::{id, pool, rules};
use super::*;
use fusebox_types::InstanceId;
use fusebox_types::failure::{Code, Failure};

/// Attempts that a task has.
const ATTEMPTS: usize = 3;
/// How long an attempt takes that succeeds, and one that traps.
const WORK: u64 = 20;
const TRAP: u64 = 1;

/// What a session came to.
#[derive(Debug, Default)]
struct Report {
    succeeded: u32,
    failed: u32,
    /// When the last task ended, in milliseconds.
    ended: u64,
    changes: Vec<Change>,
    /// Attempts by instance.
    attempts: HashMap<InstanceId, u32>,
}

/// Runs tasks on a pool, so many at once. `bad` says which instances trap when.
fn session(tasks: u32, parallel: usize, size: usize, bad: impl Fn(InstanceId, u64) -> bool) -> Report {
    let (mut pool, mut report) = (pool(size), Report::default());
    let failure = Failure::new(Code::TrapUnreachable, "always");
    let mut waiting: Vec<Vec<InstanceId>> = vec![vec![]; tasks as usize];
    let (mut ends, mut running, mut now, mut serial) = (BinaryHeap::new(), HashMap::new(), 0, 0_u64);
    loop {
        while running.len() < parallel
            && let Some(failed_on) = waiting.pop()
        {
            let at = Duration::from_millis(now);
            let lease = pool.choose(&failed_on, &rules(), at).unwrap().lease;
            *report.attempts.entry(lease.instance()).or_default() += 1;
            let traps = bad(lease.instance(), now);
            serial += 1;
            ends.push(Reverse((now + if traps { TRAP } else { WORK }, serial)));
            running.insert(serial, (lease, failed_on, traps));
        }
        let Some(Reverse((end, task))) = ends.pop() else {
            break;
        };
        now = end;
        let (lease, mut failed_on, traps) = running.remove(&task).unwrap();
        failed_on.push(lease.instance());
        let outcome = Outcome::from(traps.then_some(&failure));
        let at = Duration::from_millis(now);
        let change = pool.record(lease, outcome, Usage::default(), &rules(), at, 0);
        report.changes.extend(change);
        match traps {
            false => report.succeeded += 1,
            true if failed_on.len() < ATTEMPTS => waiting.push(failed_on),
            true => report.failed += 1,
        }
    }
    report.ended = now;
    report
}

#[test]
fn one_of_four_that_always_traps_costs_no_task() {
    for parallel in [1, 4, 16, 64] {
        let report = session(1_000, parallel, 4, |instance, _| instance == id(2));
        assert_eq!(
            (report.succeeded, report.failed),
            (1_000, 0),
            "{parallel} at once"
        );
        let first = report.changes.first().unwrap();
        assert_eq!(first.instance, id(2));
        assert!(matches!(first.kind, Kind::Quarantined(_)));
        // Those under way when it left, and a probe now and then.
        let most = 3 + parallel as u32 + (report.ended / 60_000) as u32;
        assert!(report.attempts[&id(2)] <= most, "{:?}", report.attempts);
    }
}

#[test]
fn it_leaves_with_its_third_strike() {
    let report = session(1_000, 1, 4, |instance, _| instance == id(2));
    let Kind::Quarantined(entry) = &report.changes[0].kind else {
        panic!("{:?}", report.changes);
    };
    assert_eq!((entry.counts.consecutive, entry.counts.strikes), (3, 3));
}

#[test]
fn four_bad_ones_fail_every_task_and_hang_none() {
    let report = session(1_000, 16, 4, |_, _| true);
    assert_eq!((report.succeeded, report.failed), (0, 1_000));
    assert!(report.ended <= 1_000 * ATTEMPTS as u64 * TRAP);
    let out = report.changes.iter();
    let out = out.filter(|change| matches!(change.kind, Kind::Quarantined(_)));
    assert_eq!(out.count(), 2, "the floor");
    assert_eq!(report.changes.len(), 4, "the other two are held, and said so");
}

#[test]
fn one_that_is_mended_is_back_at_work() {
    let report = session(40_000, 4, 4, |instance, at| instance == id(0) && at < 100_000);
    assert_eq!((report.succeeded, report.failed), (40_000, 0));
    let back = report.changes.last().unwrap();
    let Kind::Released {
        why: Release::Probe, ..
    } = back.kind
    else {
        panic!("{back:?}");
    };
    // Out for a minute, then for two.
    assert!((180..182).contains(&back.at.as_secs()), "{back:?}");
    assert!(report.attempts[&id(0)] > 1_000);
}
