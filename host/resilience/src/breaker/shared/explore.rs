//! Runs short programs on a calm breaker in every order in which its locks can be
//! taken.

use std::sync::Arc;
use std::time::Duration;

use super::history::{About, Answer, Exchange, Moments, Step, keep, plain, sharded};
use super::inner::{Inner, PATIENCE};
use super::linear::assert_linear;
use super::orders::in_every_order;
use super::shard::Shard;
use super::sharded::Sharded;
use super::turned::Turned;
use crate::breaker::{Breaker, BreakerRules, Outcome, Permit};

type Circuit = Sharded<Turned<Inner>, Turned<Shard>>;

/// What a thread does: each step with its own rules and time, in milliseconds.
pub(super) type Program = &'static [(Step, fn() -> BreakerRules, u64)];

/// One failure opens it.
pub(super) fn brittle() -> BreakerRules {
    BreakerRules {
        failure_threshold: 1,
        success_threshold: 1,
        probes: 1,
        open_time: Duration::from_millis(5),
        ..BreakerRules::default()
    }
}

/// What is asked after all has ended.
const LAST: Program = &[
    (Step::Ask(About::Look), brittle, 3),
    (Step::Acquire, brittle, 90_000),
];

/// A calm breaker whose first two shards are open, the same as a plain one, and
/// two permits for each thread.
fn fast_path(threads: usize) -> (Arc<Circuit>, Breaker, Vec<Vec<Permit>>) {
    let (circuit, mut same) = (Circuit::new(Duration::ZERO), Breaker::new(Duration::ZERO));
    let (mut held, mut all) = (vec![], vec![vec![]; threads]);
    let mut step = |shard: usize, step: &Step, held: &mut Vec<Permit>| {
        let question = step.question(held, brittle(), Duration::ZERO).unwrap();
        let answer = plain(&mut same, &question);
        assert_eq!(sharded(&circuit, shard, &question), answer);
        keep(&answer, held);
    };
    for n in 0..=PATIENCE as usize {
        step(n, &Step::Acquire, &mut held);
        step(n, &Step::Finish(0, Outcome::Success, false), &mut held);
    }
    for (shard, held) in all.iter_mut().enumerate() {
        step(shard, &Step::Acquire, held);
        step(shard, &Step::Acquire, held);
    }
    (Arc::new(circuit), same, all)
}

fn run(
    circuit: &Circuit,
    shard: usize,
    program: Program,
    mut held: Vec<Permit>,
    moments: &Moments,
) -> Vec<Exchange> {
    let mut history = vec![];
    for (step, rules, ms) in program {
        if let Some(question) = step.question(&mut held, rules(), Duration::from_millis(*ms)) {
            let exchange = moments.note(question, |question| sharded(circuit, shard, question));
            keep(&exchange.answer, &mut held);
            history.push(exchange);
        }
    }
    history
}

/// Runs the programs in all orders. After each, what is shown has to fit too, and
/// later a call has to pass unless the operator forbids it.
pub(super) fn explore(programs: &[Program]) {
    explore_in([0, 1, 2], programs);
}

/// Each program in the shard of its place. Those of the first places are open.
pub(super) fn explore_in(shards: [usize; 3], programs: &[Program]) {
    let start = || {
        let (circuit, start, held) = fast_path(programs.len());
        let moments = Arc::new(Moments::default());
        let work = programs
            .iter()
            .zip(held)
            .zip(shards)
            .map(|((program, held), shard)| {
                let (circuit, moments) = (circuit.clone(), moments.clone());
                move || run(&circuit, shard, program, held, &moments)
            });
        let work = work.collect();
        ((circuit, start, moments), work)
    };
    let orders = in_every_order(start, |(circuit, start, moments), mut history| {
        history.push(run(&circuit, 0, LAST, vec![], &moments));
        assert_linear(&start, &history);
        let mut steps = programs.iter().flat_map(|program| program.iter());
        let forced = steps.any(|(step, ..)| matches!(step, Step::Ask(About::ForceOpen)));
        let passes = history
            .iter()
            .flatten()
            .last()
            .map(|last| matches!(last.answer, Answer::Granted(..)));
        assert_eq!(passes, Some(!forced));
    });
    assert!(orders > programs.len(), "{orders}");
}
