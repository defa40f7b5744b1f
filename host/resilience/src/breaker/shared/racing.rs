//! Random programs of threads that run at once; what they saw is to fit one plain
//! breaker.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use proptest::prelude::*;

use super::differential::{rules, step};
use super::history::{About, Exchange, Moments, Step, keep, plain, sharded};
use super::inner::{Inner, PATIENCE};
use super::linear::assert_linear;
use super::shard::Shard;
use super::sharded::Sharded;
use crate::breaker::{Breaker, BreakerRules, Outcome, Permit};

type Circuit = Sharded<Mutex<Inner>, Mutex<Shard>>;

/// Steps, each under one of two sets of rules and at its own time.
type Program = Vec<(Step, bool, Duration)>;

const THREADS: usize = 3;

fn program() -> impl Strategy<Value = Program> {
    let time = prop_oneof![
        8 => (600..640u64).prop_map(Duration::from_millis),
        1 => (0..4_000u64).prop_map(Duration::from_millis)
    ];
    prop::collection::vec((step(), prop::bool::weighted(0.1), time), 1..7)
}

/// A breaker after some calls, the same as a plain one, and permits for each
/// thread, of which the first may be of an older generation.
fn warm(rules: &BreakerRules, calls: usize, reset: bool) -> (Circuit, Breaker, Vec<Vec<Permit>>) {
    let now = Duration::from_millis(600);
    let (circuit, mut same) = (Circuit::new(now), Breaker::new(now));
    let mut all = vec![vec![]; THREADS];
    let mut ask = |shard: usize, step: Step, held: &mut Vec<Permit>| {
        let question = step.question(held, *rules, now).unwrap();
        let answer = plain(&mut same, &question);
        assert_eq!(sharded(&circuit, shard, &question), answer);
        keep(&answer, held);
    };
    for (shard, held) in all.iter_mut().enumerate() {
        ask(shard, Step::Acquire, held);
    }
    if reset {
        ask(0, Step::Ask(About::Reset), &mut vec![]);
    }
    for n in 0..calls {
        let held = &mut vec![];
        ask(n, Step::Acquire, held);
        ask(n, Step::Finish(0, Outcome::Success, false), held);
    }
    for (shard, held) in all.iter_mut().enumerate() {
        ask(shard, Step::Acquire, held);
    }
    (circuit, same, all)
}

fn run(
    circuit: &Circuit,
    shard: usize,
    program: &Program,
    rules: &[BreakerRules; 2],
    mut held: Vec<Permit>,
    moments: &Moments,
) -> Vec<Exchange> {
    let mut history = vec![];
    for (step, reloaded, now) in program {
        if let Some(question) = step.question(&mut held, rules[usize::from(*reloaded)], *now) {
            let exchange = moments.note(question, |question| sharded(circuit, shard, question));
            keep(&exchange.answer, &mut held);
            history.push(exchange);
        }
    }
    history
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_threads_see_fits_one_plain_circuit(
        rules in [rules(), rules()],
        programs in prop::collection::vec(program(), THREADS),
        calls in 0..2 * PATIENCE as usize,
        reset in any::<bool>(),
    ) {
        let (circuit, start, held) = warm(&rules[0], calls, reset);
        let (moments, ready) = (Moments::default(), AtomicUsize::new(0));
        let mut history: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = programs.iter().zip(held).enumerate().map(|(shard, (program, held))| {
                let (circuit, rules, moments, ready) = (&circuit, &rules, &moments, &ready);
                scope.spawn(move || {
                    ready.fetch_add(1, Ordering::SeqCst);
                    while ready.load(Ordering::SeqCst) < THREADS {
                        thread::yield_now();
                    }
                    run(circuit, shard, program, rules, held, moments)
                })
            }).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let look = vec![(Step::Ask(About::Look), false, Duration::from_secs(5))];
        history.push(run(&circuit, 0, &look, &rules, vec![], &moments));
        assert_linear(&start, &history);
    }
}
