//! Short programs of two and three threads on a calm breaker, in every order in
//! which its locks can be taken. Each thread holds two permits at the start.

use super::explore::{brittle, explore, explore_in};
use super::history::{About, Step};
use super::inner::PATIENCE;
use crate::breaker::Outcome::{Failure, Ignored, Success};
use crate::breaker::{BreakerMode, BreakerRules, FailureModel};
use fusebox_types::units::Rate;

const GET: Step = Step::Acquire;
const OK: Step = Step::Finish(0, Success, false);
const SLOW: Step = Step::Finish(0, Success, true);
const FAIL: Step = Step::Finish(0, Failure, false);
const CANCEL: Step = Step::Finish(0, Ignored, false);
const LOOK: Step = Step::Ask(About::Look);
const RESET: Step = Step::Ask(About::Reset);
const FORCE_OPEN: Step = Step::Ask(About::ForceOpen);

/// The share of failures opens it.
fn share() -> BreakerRules {
    BreakerRules {
        failure_model: FailureModel::Window,
        min_calls: PATIENCE + 4,
        failure_rate: Rate::percent(10),
        ..brittle()
    }
}

fn off() -> BreakerRules {
    BreakerRules {
        mode: BreakerMode::Off,
        ..brittle()
    }
}

#[test]
fn successes_in_two_lanes_and_a_look() {
    explore(&[
        &[(OK, brittle, 1), (GET, brittle, 1), (OK, brittle, 2)],
        &[(OK, brittle, 1), (LOOK, brittle, 1), (OK, brittle, 1)],
    ]);
}

#[test]
fn a_failure_that_trips_beside_calls() {
    explore(&[
        &[(OK, brittle, 1), (GET, brittle, 1), (OK, brittle, 2)],
        &[(FAIL, brittle, 1), (OK, brittle, 1)],
    ]);
}

#[test]
fn a_trip_and_its_probes() {
    explore(&[
        &[(FAIL, brittle, 1), (GET, brittle, 6), (OK, brittle, 6)],
        &[(OK, brittle, 1), (GET, brittle, 6), (FAIL, brittle, 6)],
    ]);
}

#[test]
fn an_order_of_the_operator_beside_calls() {
    explore(&[
        &[(OK, brittle, 1), (GET, brittle, 1), (OK, brittle, 1)],
        &[(RESET, brittle, 1), (OK, brittle, 1)],
    ]);
    explore(&[
        &[(GET, brittle, 1), (OK, brittle, 1)],
        &[(FORCE_OPEN, brittle, 1), (GET, brittle, 1)],
    ]);
}

#[test]
fn a_change_of_rules_in_one_thread_first() {
    explore(&[
        &[(OK, share, 1), (GET, share, 1), (FAIL, share, 1)],
        &[(OK, brittle, 1), (GET, brittle, 1), (OK, share, 1)],
    ]);
    explore(&[
        &[(OK, off, 1), (LOOK, off, 1)],
        &[(OK, brittle, 1), (GET, off, 1), (OK, brittle, 1)],
    ]);
}

#[test]
fn a_clock_that_jumps_in_one_thread_first() {
    explore(&[
        &[
            (OK, brittle, 40_000),
            (GET, brittle, 40_000),
            (OK, brittle, 40_001),
        ],
        &[(OK, brittle, 1), (GET, brittle, 1), (CANCEL, brittle, 1)],
    ]);
}

#[test]
fn three_threads_of_which_one_fails() {
    explore(&[&[(OK, brittle, 1)], &[(SLOW, brittle, 1)], &[(FAIL, brittle, 1)]]);
    explore(&[&[(OK, brittle, 1)], &[(GET, brittle, 1)], &[(RESET, brittle, 1)]]);
}

#[test]
fn threads_that_share_a_lane_which_is_closed() {
    explore_in(
        [5, 5, 0],
        &[
            &[(OK, brittle, 1), (GET, brittle, 1)],
            &[(OK, brittle, 1), (LOOK, brittle, 1)],
        ],
    );
}
