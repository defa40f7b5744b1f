//! Random lives of the breaker with shards, in one thread that changes shards,
//! beside the plain one: every answer is the same.

use std::sync::Mutex;
use std::time::Duration;

use proptest::prelude::*;

use super::history::{About, Answer, Question, Step, keep, plain, sharded};
use super::inner::Inner;
use super::shard::Shard;
use super::sharded::Sharded;
use crate::breaker::{Breaker, BreakerMode, BreakerRules, FailureModel, Outcome, WindowKind};
use fusebox_types::units::Rate;

/// What happens to a breaker.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Step(Step),
    /// So many calls that succeed, each so long after the one before.
    Calls(u32, Duration),
    /// The clock moves; backwards if so said.
    Clock(Duration, bool),
    Rules(Box<BreakerRules>),
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        8 => Just(Outcome::Success),
        2 => Just(Outcome::Failure),
        1 => Just(Outcome::Ignored)
    ];
    let order = prop_oneof![
        6 => Just(About::Look),
        2 => Just(About::Reset),
        1 => Just(About::ForceOpen),
        1 => Just(About::Disable),
        4 => Just(About::Enable)
    ];
    prop_oneof![
        8 => Just(Step::Acquire),
        8 => (any::<usize>(), outcome, prop::bool::weighted(0.1))
            .prop_map(|(place, outcome, slow)| Step::Finish(place, outcome, slow)),
        2 => order.prop_map(Step::Ask),
    ]
}

/// Rules by which a breaker is often closed and now and then trips.
pub(super) fn rules() -> impl Strategy<Value = BreakerRules> {
    let mode = prop_oneof![
        8 => Just(BreakerMode::On),
        1 => Just(BreakerMode::MetricsOnly),
        1 => Just(BreakerMode::Off)
    ];
    let model = prop_oneof![Just(FailureModel::Consecutive), Just(FailureModel::Window)];
    let kind = prop_oneof![Just(WindowKind::Time), Just(WindowKind::Calls)];
    let rate = (0..100u32).prop_map(Rate::percent);
    let counts = (1..4u32, 1..4u32, 1..4u32, 1..60u32, 1..60u32);
    let window = prop_oneof![Just(10u64), Just(3_000), Just(300_000)].prop_map(Duration::from_millis);
    (mode, model, kind, rate.clone(), rate, counts, window).prop_map(
        |(mode, failure_model, window_kind, failure_rate, slow_rate, counts, window_time)| BreakerRules {
            mode,
            failure_model,
            failure_threshold: counts.0,
            success_threshold: counts.1,
            probes: counts.2,
            probe_lease: Duration::from_secs(2),
            open_time: Duration::from_secs(1),
            window_kind,
            window_time,
            window_calls: counts.3,
            min_calls: counts.4,
            failure_rate,
            slow_rate,
            slow_call: Duration::from_secs(u64::from(counts.0)),
            ..BreakerRules::default()
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let nanos = |most: u64| (0..most).prop_map(Duration::from_nanos);
    let times = || {
        prop_oneof![
            6 => nanos(2_000_000),
            2 => nanos(1_100_000_000),
            1 => nanos(400_000_000_000)
        ]
    };
    prop_oneof![
        12 => step().prop_map(Event::Step),
        2 => (1..40u32, times()).prop_map(|(count, pause)| Event::Calls(count, pause)),
        4 => (times(), prop::bool::weighted(0.3)).prop_map(|(time, back)| Event::Clock(time, back)),
        1 => rules().prop_map(|rules| Event::Rules(Box::new(rules))),
    ]
}

/// Both breakers.
struct Pair {
    plain: Breaker,
    sharded: Sharded<Mutex<Inner>, Mutex<Shard>>,
    rules: BreakerRules,
    now: Duration,
    held: Vec<crate::breaker::Permit>,
}

impl Pair {
    fn new(rules: BreakerRules) -> Self {
        let now = Duration::from_secs(500);
        Self {
            plain: Breaker::new(now),
            sharded: Sharded::new(now),
            rules,
            now,
            held: vec![],
        }
    }

    fn live(&mut self, shard: usize, event: &Event) {
        match event {
            Event::Step(step) => self.step(shard, step),
            Event::Calls(count, pause) => {
                for n in 0..*count as usize {
                    self.step(shard + n, &Step::Acquire);
                    self.step(shard + n / 2, &Step::Finish(usize::MAX, Outcome::Success, false));
                    self.now += *pause;
                }
            }
            Event::Clock(time, true) => self.now = self.now.saturating_sub(*time),
            Event::Clock(time, false) => self.now += *time,
            Event::Rules(rules) => self.rules = **rules,
        }
    }

    fn step(&mut self, shard: usize, step: &Step) {
        if let Some(question) = step.question(&mut self.held, self.rules, self.now) {
            let answer = plain(&mut self.plain, &question);
            assert_eq!(
                sharded(&self.sharded, shard % 4, &question),
                answer,
                "{question:?}"
            );
            keep(&answer, &mut self.held);
        }
    }

    /// The windows too are the same: a look by all kinds of rules shows it.
    fn is_one(&mut self) {
        let kinds = [WindowKind::Time, WindowKind::Calls];
        for (window_kind, window_calls) in kinds.into_iter().flat_map(|kind| [(kind, 5), (kind, 50)]) {
            let rules = BreakerRules {
                window_kind,
                window_calls,
                ..self.rules
            };
            let question = Question {
                about: About::Look,
                rules,
                now: self.now,
            };
            let answer: Answer = plain(&mut self.plain, &question);
            assert_eq!(sharded(&self.sharded, 0, &question), answer);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_that_of_the_plain_circuit(
        rules in rules(),
        events in prop::collection::vec((0..4usize, event()), 1..120),
    ) {
        let mut pair = Pair::new(rules);
        for (shard, event) in events {
            pair.live(shard, &event);
        }
        pair.is_one();
    }
}
