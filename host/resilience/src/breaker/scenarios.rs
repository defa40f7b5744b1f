//! Short lives of a breaker that show one rule each.

use std::time::Duration;

use super::*;
use crate::breaker::{BreakerMode, BreakerRules, FailureModel};
use fusebox_types::units::Rate;

const DAYS_60: u64 = 60 * 86_400;

/// The defaults with longer waits, without chance.
fn rules() -> BreakerRules {
    BreakerRules {
        open_time: s(60),
        max_open_time: s(600),
        open_jitter: Rate::percent(0),
        probes: 3,
        probe_ramp: false,
        ..BreakerRules::default()
    }
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn begin(breaker: &mut Breaker, rules: &BreakerRules, at: u64) -> Permit {
    breaker.try_acquire(rules, s(at)).expect("a permit").permit
}

fn end(
    breaker: &mut Breaker,
    permit: Permit,
    outcome: Outcome,
    rules: &BreakerRules,
    at: u64,
) -> Option<Transition> {
    breaker.finish(permit, outcome, Duration::ZERO, rules, s(at), 0)
}

fn call(breaker: &mut Breaker, outcome: Outcome, rules: &BreakerRules, at: u64) -> Option<Transition> {
    let permit = begin(breaker, rules, at);
    end(breaker, permit, outcome, rules, at)
}

/// Fails until it opens: what it says of it.
fn trip(breaker: &mut Breaker, rules: &BreakerRules, at: u64) -> Transition {
    (0..rules.failure_threshold)
        .find_map(|_| call(breaker, Outcome::Failure, rules, at))
        .expect("a trip")
}

/// Probes until it closes.
fn recover(breaker: &mut Breaker, rules: &BreakerRules, at: u64) {
    for _ in 0..rules.success_threshold {
        call(breaker, Outcome::Success, rules, at);
    }
    assert_eq!(breaker.state(rules), State::Closed);
}

fn refused(breaker: &mut Breaker, rules: &BreakerRules, at: u64) -> Refusal {
    breaker.try_acquire(rules, s(at)).expect_err("a refusal")
}

#[test]
fn a_change_is_told_with_cause_counts_and_the_next_probe() {
    let (mut breaker, rules) = (Breaker::new(s(100)), rules());
    call(&mut breaker, Outcome::Success, &rules, 100);
    let opened = trip(&mut breaker, &rules, 101);
    let counts = Counts {
        calls: 6,
        failures: 5,
        slow: 0,
        consecutive_failures: 5,
        consecutive_successes: 0,
    };
    assert_eq!(
        opened,
        Transition {
            from: State::Closed,
            to: State::Open,
            cause: Cause::ConsecutiveFailures,
            at: s(101),
            until: Some(s(161)),
            counts,
        }
    );
    let snapshot = breaker.snapshot(&rules, s(110));
    assert_eq!(
        (snapshot.counts, snapshot.until, snapshot.trips),
        (counts, Some(s(161)), 1)
    );
    let half_open = breaker.try_acquire(&rules, s(161)).unwrap().transition.unwrap();
    assert_eq!(
        (half_open.from, half_open.to, half_open.cause),
        (State::Open, State::HalfOpen, Cause::WaitOver)
    );
    assert_eq!(half_open.until, None);
}

#[test]
fn a_refusal_says_when_to_ask_again() {
    let (mut breaker, rules) = (Breaker::new(s(0)), rules());
    trip(&mut breaker, &rules, 0);
    let open = refused(&mut breaker, &rules, 59);
    assert_eq!((open.state, open.until), (State::Open, Some(s(60))));
    let probes: Vec<_> = [60, 61, 62].map(|at| begin(&mut breaker, &rules, at)).into();
    assert!(probes.iter().all(Permit::is_probe));
    let full = refused(&mut breaker, &rules, 63);
    assert_eq!((full.state, full.until), (State::HalfOpen, Some(s(120))));
    breaker.force_open(&rules, s(64));
    let forced = refused(&mut breaker, &rules, 65);
    assert_eq!((forced.state, forced.until), (State::ForcedOpen, None));
}

#[test]
fn what_a_caller_would_meet_is_seen_without_asking() {
    let (mut breaker, rules) = (
        Breaker::new(s(0)),
        BreakerRules {
            probes: 4,
            probe_ramp: true,
            ..rules()
        },
    );
    let probes = |most, under_way| Admission::Probes { most, under_way };
    assert_eq!(breaker.admission(&rules, s(0)), Admission::Free);
    trip(&mut breaker, &rules, 0);
    assert_eq!(breaker.admission(&rules, s(59)), Admission::Until(s(60)));
    assert_eq!(breaker.admission(&rules, s(60)), probes(1, 0));
    let first = begin(&mut breaker, &rules, 60);
    assert_eq!(breaker.admission(&rules, s(60)), probes(1, 1));
    refused(&mut breaker, &rules, 60);
    end(&mut breaker, first, Outcome::Success, &rules, 61);
    let two = [(); 2].map(|()| begin(&mut breaker, &rules, 61));
    assert_eq!(breaker.admission(&rules, s(61)), probes(2, 2));
    assert_eq!(
        breaker.admission(&rules, s(121)),
        probes(2, 0),
        "their leases are over"
    );
    for mode in [BreakerMode::MetricsOnly, BreakerMode::Off] {
        let rules = BreakerRules { mode, ..rules };
        assert_eq!(breaker.admission(&rules, s(61)), Admission::Free);
    }
    for probe in two {
        end(&mut breaker, probe, Outcome::Success, &rules, 62);
    }
    assert_eq!(breaker.admission(&rules, s(62)), Admission::Free);
    breaker.force_open(&rules, s(63));
    assert_eq!(breaker.admission(&rules, s(63)), Admission::Never);
    breaker.disable(&rules, s(64));
    assert_eq!(breaker.admission(&rules, s(64)), Admission::Free);
}

#[test]
fn probes_that_hang_do_not_wedge_it_and_their_late_results_do_nothing() {
    let (mut breaker, rules) = (Breaker::new(s(0)), rules());
    trip(&mut breaker, &rules, 0);
    let hung = [(); 3].map(|()| begin(&mut breaker, &rules, 60));
    refused(&mut breaker, &rules, 119);
    let fresh = begin(&mut breaker, &rules, 120);
    for permit in hung {
        assert_eq!(end(&mut breaker, permit, Outcome::Failure, &rules, 121), None);
    }
    assert_eq!(breaker.snapshot(&rules, s(121)).counts, Counts::default());
    let reopened = end(&mut breaker, fresh, Outcome::Failure, &rules, 122).unwrap();
    assert_eq!((reopened.to, reopened.cause), (State::Open, Cause::ProbeFailed));
}

#[test]
fn calls_that_began_before_a_trip_neither_close_nor_open_it() {
    let (mut breaker, rules) = (Breaker::new(s(0)), rules());
    let early = [(); 8].map(|()| begin(&mut breaker, &rules, 0));
    trip(&mut breaker, &rules, 1);
    let probe = begin(&mut breaker, &rules, 61);
    let mut outcomes = [Outcome::Success, Outcome::Failure].into_iter().cycle();
    for permit in early {
        let outcome = outcomes.next().unwrap();
        assert_eq!(end(&mut breaker, permit, outcome, &rules, 62), None);
    }
    assert_eq!(breaker.state(&rules), State::HalfOpen);
    assert_eq!(end(&mut breaker, probe, Outcome::Ignored, &rules, 62), None);
    recover(&mut breaker, &rules, 63);
}

#[test]
fn the_wait_grows_until_a_lasting_recovery() {
    let (mut breaker, rules) = (Breaker::new(s(0)), rules());
    let until = |trip: Transition| trip.until.unwrap().as_secs();
    assert_eq!(until(trip(&mut breaker, &rules, 0)), 60);
    let again = call(&mut breaker, Outcome::Failure, &rules, 60).unwrap();
    assert_eq!(until(again), 60 + 120, "a failed probe is a trip");
    recover(&mut breaker, &rules, 180);
    assert_eq!(breaker.snapshot(&rules, s(479)).trips, 2);
    assert_eq!(
        until(trip(&mut breaker, &rules, 479)),
        479 + 240,
        "closed for 299 s"
    );
    recover(&mut breaker, &rules, 719);
    assert_eq!(breaker.snapshot(&rules, s(1_019)).trips, 0);
    assert_eq!(
        until(trip(&mut breaker, &rules, 1_019)),
        1_019 + 60,
        "closed for 300 s"
    );
}

#[test]
fn a_reload_changes_the_next_decision_and_loses_no_count() {
    let (mut breaker, mut rules) = (Breaker::new(s(0)), rules());
    for at in 0..4 {
        call(&mut breaker, Outcome::Failure, &rules, at);
    }
    rules.failure_threshold = 3;
    assert_eq!(breaker.state(&rules), State::Closed, "nothing was decided yet");
    let opened = call(&mut breaker, Outcome::Failure, &rules, 4).unwrap();
    assert_eq!(opened.counts.consecutive_failures, 5);
    refused(&mut breaker, &rules, 33);
    rules.open_time = s(30);
    assert!(breaker.try_acquire(&rules, s(34)).is_ok());
}

#[test]
fn a_change_of_model_finds_the_window_full() {
    let (mut breaker, mut rules) = (Breaker::new(s(0)), rules());
    for at in 0..20 {
        let outcome = [Outcome::Success, Outcome::Failure][usize::from(at % 2 == 0)];
        assert_eq!(call(&mut breaker, outcome, &rules, at), None);
    }
    rules.failure_model = FailureModel::Window;
    let opened = call(&mut breaker, Outcome::Failure, &rules, 20).unwrap();
    assert_eq!((opened.cause, opened.counts.calls), (Cause::FailureRate, 21));
}

#[test]
fn slow_calls_open_it_though_they_succeed() {
    let mut breaker = Breaker::new(s(0));
    let rules = BreakerRules {
        failure_model: FailureModel::Window,
        ..rules()
    };
    let mut slow = |duration| {
        let permit = begin(&mut breaker, &rules, 0);
        breaker.finish(permit, Outcome::Success, duration, &rules, s(0), 0)
    };
    assert!((0..9).all(|_| slow(s(31)).is_none()));
    let opened = slow(s(31)).unwrap();
    assert_eq!((opened.cause, opened.counts.slow), (Cause::SlowRate, 10));
}

#[test]
fn a_clock_that_jumps_back_neither_frees_nor_wedges_it() {
    let (mut breaker, rules) = (Breaker::new(s(DAYS_60)), rules());
    trip(&mut breaker, &rules, DAYS_60 + 100);
    refused(&mut breaker, &rules, DAYS_60 + 110);
    let after = refused(&mut breaker, &rules, 7);
    assert_eq!(
        after.until,
        Some(s(57)),
        "50 s remain, on the clock of the caller"
    );
    refused(&mut breaker, &rules, 56);
    assert!(begin(&mut breaker, &rules, 57).is_probe());
}

#[test]
fn a_clock_that_jumps_forward_ends_waits_and_leases_alone() {
    let (mut breaker, rules) = (Breaker::new(s(0)), rules());
    trip(&mut breaker, &rules, 0);
    let lost = begin(&mut breaker, &rules, DAYS_60);
    let reopened = end(&mut breaker, lost, Outcome::Failure, &rules, 2 * DAYS_60);
    assert_eq!(reopened, None, "its lease has ended");
    recover(&mut breaker, &rules, 2 * DAYS_60);
}

#[test]
fn rules_that_only_measure_let_all_pass_and_count() {
    let (mut breaker, mut rules) = (Breaker::new(s(0)), rules());
    rules.mode = BreakerMode::MetricsOnly;
    for at in 0..9 {
        assert_eq!(call(&mut breaker, Outcome::Failure, &rules, at), None);
    }
    let snapshot = breaker.snapshot(&rules, s(9));
    assert_eq!(
        (snapshot.state, snapshot.counts.failures),
        (State::MetricsOnly, 9)
    );
    let permit = begin(&mut breaker, &rules, 9);
    let judged = breaker.record(permit, Outcome::Failure, s(1), &rules, s(9));
    assert_eq!(judged, None, "nothing to judge");
    rules.mode = BreakerMode::Off;
    call(&mut breaker, Outcome::Failure, &rules, 9);
    assert_eq!(breaker.state(&rules), State::Disabled);
    rules.mode = BreakerMode::On;
    let opened = call(&mut breaker, Outcome::Failure, &rules, 10).unwrap();
    assert_eq!(opened.counts.failures, 11, "the last one at 9 did not count");
}

#[test]
fn an_open_circuit_measures_when_told_to_and_goes_on_after() {
    let (mut breaker, mut rules) = (Breaker::new(s(0)), rules());
    trip(&mut breaker, &rules, 0);
    rules.mode = BreakerMode::MetricsOnly;
    call(&mut breaker, Outcome::Success, &rules, 1);
    assert_eq!(breaker.snapshot(&rules, s(1)).counts.calls, 1);
    let plain = begin(&mut breaker, &rules, 2);
    rules.mode = BreakerMode::On;
    assert_eq!(refused(&mut breaker, &rules, 3).until, Some(s(60)));
    assert_eq!(end(&mut breaker, plain, Outcome::Success, &rules, 3), None);
    assert_eq!(breaker.snapshot(&rules, s(3)).counts.calls, 5, "what opened it");
}

#[test]
fn what_the_operator_orders_holds_until_it_is_ended() {
    let (mut breaker, mut rules) = (Breaker::new(s(0)), rules());
    trip(&mut breaker, &rules, 0);
    let disabled = breaker.disable(&rules, s(1)).unwrap();
    assert_eq!(
        (disabled.from, disabled.to, disabled.cause),
        (State::Open, State::Disabled, Cause::Operator)
    );
    assert_eq!(breaker.disable(&rules, s(2)), None);
    for at in 2..20 {
        assert_eq!(call(&mut breaker, Outcome::Failure, &rules, at), None);
    }
    breaker.force_open(&rules, s(20));
    rules.mode = BreakerMode::Off;
    refused(&mut breaker, &rules, 20 + DAYS_60);
    rules.mode = BreakerMode::On;
    assert_eq!(breaker.enable(&rules, s(21 + DAYS_60)).unwrap().to, State::Closed);
    assert_eq!(breaker.enable(&rules, s(21 + DAYS_60)), None);
    let snapshot = breaker.snapshot(&rules, s(22 + DAYS_60));
    assert_eq!((snapshot.counts, snapshot.trips), (Counts::default(), 1));
}

#[test]
fn a_reset_forgets_counts_and_trips_and_the_calls_under_way() {
    let (mut breaker, rules) = (Breaker::new(s(0)), rules());
    trip(&mut breaker, &rules, 0);
    assert_eq!(breaker.reset(&rules, s(1)).unwrap().to, State::Closed);
    let under_way = begin(&mut breaker, &rules, 2);
    for _ in 0..4 {
        call(&mut breaker, Outcome::Failure, &rules, 2);
    }
    assert_eq!(breaker.reset(&rules, s(3)), None, "closed before");
    assert_eq!(end(&mut breaker, under_way, Outcome::Failure, &rules, 4), None);
    let snapshot = breaker.snapshot(&rules, s(4));
    assert_eq!(
        (snapshot.counts, snapshot.trips, snapshot.since),
        (Counts::default(), 0, s(3))
    );
}

#[test]
fn a_policys_ruling_is_obeyed_unless_it_comes_late() {
    let (mut breaker, rules) = (Breaker::new(s(0)), rules());
    let (permit, other) = (begin(&mut breaker, &rules, 0), begin(&mut breaker, &rules, 0));
    let judged = breaker
        .record(permit, Outcome::Failure, s(1), &rules, s(1))
        .unwrap();
    let also = breaker
        .record(other, Outcome::Failure, s(1), &rules, s(1))
        .unwrap();
    let cause = Cause::Policy;
    let open = |seconds| Ruling::Open {
        wait: Some(s(seconds)),
        cause,
    };
    let opened = breaker.apply(judged, open(7), &rules, s(1), 0).unwrap();
    assert_eq!((opened.until, opened.cause), (Some(s(8)), Cause::Policy));
    assert_eq!(breaker.apply(also, open(500), &rules, s(2), 0), None);
    let probe = begin(&mut breaker, &rules, 8);
    let judged = breaker
        .record(probe, Outcome::Failure, s(1), &rules, s(9))
        .unwrap();
    let closed = breaker
        .apply(judged, Ruling::Close { cause }, &rules, s(9), 0)
        .unwrap();
    assert_eq!((closed.from, closed.to), (State::HalfOpen, State::Closed));
}
