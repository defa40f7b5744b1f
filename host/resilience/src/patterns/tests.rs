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

#[test]
fn one_instance_that_has_nearly_all_of_it_is_named() {
    let failure = Failure::new(Code::TrapPanic, "");
    let said = |at: Vec<(u64, usize)>| pattern(&failure, at, 1_000).recommendation;
    let at = |one: u64, other: u64| {
        let one = (0..one).map(|n| (n * 7, 1));
        one.chain((0..other).map(|n| (n * 5, 2))).collect()
    };
    assert!(said(at(8, 0)).contains("All of them come from tutor/i1"));
    assert!(said(at(8, 2)).contains("Nearly all of them come from tutor/i1"));
    assert!(!said(at(7, 2)).contains("come from tutor/i1"));
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
