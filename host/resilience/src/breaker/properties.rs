//! Random lives of a breaker, held against the model and against what must hold
//! in any.

use std::time::Duration;

use proptest::prelude::*;

use super::model::{Model, Ticket, millis};
use super::*;
use crate::breaker::{BreakerMode, BreakerRules, FailureModel, WindowKind};
use crate::time_window::TimeWindow;
use fusebox_types::units::Rate;

const DAYS_60: u64 = 60 * 86_400_000;

/// One thing that happens to a breaker. Times are milliseconds.
#[derive(Debug, Clone)]
enum Event {
    Acquire,
    /// Ends the permit at this place among all that were ever granted, again if
    /// it has ended before.
    Finish(usize, Outcome, bool),
    /// Time passes.
    Pass(u64),
    /// The clock jumps back, by more than threads overtake each other.
    JumpBack(u64),
    /// The next event comes from a thread that read the clock so long ago.
    Overtaken(u64),
    Reset,
    ForceOpen,
    Disable,
    Enable,
    Rules(Box<BreakerRules>),
}

fn event() -> impl Strategy<Value = Event> {
    let outcome = prop_oneof![
        4 => Just(Outcome::Success),
        5 => Just(Outcome::Failure),
        1 => Just(Outcome::Ignored)
    ];
    prop_oneof![
        30 => Just(Event::Acquire),
        30 => (any::<usize>(), outcome, any::<bool>()).prop_map(|(n, outcome, slow)| Event::Finish(n, outcome, slow)),
        12 => prop_oneof![0..1_500u64, 0..25_000u64].prop_map(Event::Pass),
        1 => Just(Event::Pass(DAYS_60)),
        1 => prop_oneof![2_000..60_000u64, Just(DAYS_60)].prop_map(Event::JumpBack),
        4 => (0..=1_000u64).prop_map(Event::Overtaken),
        1 => prop_oneof![
            3 => Just(Event::Reset),
            1 => Just(Event::ForceOpen),
            1 => Just(Event::Disable),
            4 => Just(Event::Enable)
        ],
        2 => rules().prop_map(|rules| Event::Rules(Box::new(rules))),
    ]
}

/// Small numbers, so that every state is met often. The window's time stays the
/// same here; what another one does is tested below.
fn rules() -> impl Strategy<Value = BreakerRules> {
    let mode = prop_oneof![
        8 => Just(BreakerMode::On),
        1 => Just(BreakerMode::MetricsOnly),
        1 => Just(BreakerMode::Off)
    ];
    let model = prop_oneof![Just(FailureModel::Consecutive), Just(FailureModel::Window)];
    let kind = prop_oneof![Just(WindowKind::Time), Just(WindowKind::Calls)];
    let rate =
        prop_oneof![Just(0u32), Just(30), Just(34), Just(50), Just(75), Just(100)].prop_map(Rate::percent);
    let counts = (1..5u32, 1..5u32, 1..5u32, 1..7u32, 1..6u32);
    let times = (1..20_000u64, 0..20_000u64, 0..40_000u64, 1..4u32);
    let probe_ramp = any::<bool>();
    (mode, model, kind, rate.clone(), rate, counts, times, probe_ramp).prop_map(
        |(mode, failure_model, window_kind, failure_rate, slow_rate, counts, times, probe_ramp)| {
            BreakerRules {
                mode,
                failure_model,
                failure_threshold: counts.0,
                success_threshold: counts.1,
                probes: counts.2,
                probe_ramp,
                probe_lease: Duration::from_millis(times.0),
                open_time: Duration::from_millis(times.1),
                open_growth: times.3,
                max_open_time: Duration::from_millis(times.2),
                open_jitter: Rate::percent(0),
                hold: Duration::ZERO,
                window_kind,
                window_time: Duration::from_secs(10),
                window_calls: counts.3,
                min_calls: counts.4,
                failure_rate,
                slow_call: Duration::from_secs(1),
                slow_rate,
            }
        },
    )
}

/// A permit as both sides know it, and whether it may still be under way.
struct Held {
    permit: Permit,
    ticket: Ticket,
    since: u64,
    ended: bool,
}

/// The real breaker and the model side by side.
struct Life {
    breaker: Breaker,
    model: Model,
    rules: BreakerRules,
    held: Vec<Held>,
    /// The time that has passed.
    own: u64,
    /// How far the caller's clock lies behind it.
    behind: u64,
    /// How old the caller's reading of it is, for one event.
    overtaken: u64,
}

impl Life {
    fn new(rules: BreakerRules) -> Self {
        let own = 2 * DAYS_60;
        Self {
            breaker: Breaker::new(Duration::from_millis(own)),
            model: Model::new(own),
            rules,
            held: vec![],
            own,
            behind: 0,
            overtaken: 0,
        }
    }

    fn now(&self) -> Duration {
        Duration::from_millis((self.own - self.behind).saturating_sub(self.overtaken))
    }

    fn outside(&self, own: u64) -> Duration {
        Duration::from_millis(own.saturating_sub(self.behind))
    }

    fn live(&mut self, event: Event) {
        let (now, before) = (self.now(), self.model.state);
        let (rules, own) = (self.rules, self.own);
        let (mut changed, mut overtaken) = (None, 0);
        match event {
            Event::Acquire => changed = self.acquire(),
            Event::Finish(n, outcome, slow) => changed = self.finish(n, outcome, slow),
            Event::Pass(time) => self.own += time,
            Event::JumpBack(time) => self.jump_back(time),
            Event::Overtaken(time) => {
                self.touch();
                overtaken = time;
            }
            Event::Reset => {
                self.model.reset(&rules, own);
                changed = self.breaker.reset(&rules, now);
            }
            Event::ForceOpen => {
                self.order(State::ForcedOpen);
                changed = self.breaker.force_open(&rules, now);
            }
            Event::Disable => {
                self.order(State::Disabled);
                changed = self.breaker.disable(&rules, now);
            }
            Event::Enable => {
                if matches!(before, State::ForcedOpen | State::Disabled) {
                    self.order(State::Closed);
                }
                changed = self.breaker.enable(&rules, now);
            }
            Event::Rules(rules) => self.rules = *rules,
        }
        let reported = changed.map_or((before, before), |change| (change.from, change.to));
        assert_eq!(
            reported,
            (before, self.model.state),
            "a change and what is said of it"
        );
        self.overtaken = overtaken;
        self.compare();
    }

    /// The breaker is told the time, as by any call.
    fn touch(&mut self) {
        self.overtaken = 0;
        let now = self.now();
        self.breaker.apply(u64::MAX, Ruling::Stay, &self.rules, now, 0);
    }

    /// Unless the clock would run below its start.
    fn jump_back(&mut self, time: u64) {
        self.touch();
        if self.own - self.behind >= time {
            self.behind += time;
            self.touch();
        }
    }

    fn order(&mut self, state: State) {
        if self.model.state != state {
            self.model.enter(state, &self.rules, self.own);
        }
    }

    fn acquire(&mut self) -> Option<Transition> {
        let seen = self.look();
        let real = self.breaker.try_acquire(&self.rules, self.now());
        assert_eq!(seen.admits(), real.is_ok(), "{seen:?}");
        if let (Admission::Until(until), Err(refusal)) = (seen, &real) {
            // Later, if the caller read the clock before others did.
            assert!(refusal.until >= Some(until));
        }
        self.end_leases();
        match (real, self.model.acquire(&self.rules, self.own)) {
            (Ok(Grant { permit, transition }), Ok(ticket)) => {
                assert_eq!(permit.is_probe(), ticket.probe.is_some());
                assert_eq!(permit.generation(), ticket.generation);
                let (since, ended) = (self.own, false);
                self.held.push(Held {
                    permit,
                    ticket,
                    since,
                    ended,
                });
                self.count_probes();
                transition
            }
            (Err(refusal), Err(until)) => {
                assert_eq!(refusal.state, self.model.state);
                assert_eq!(refusal.until, until.map(|until| self.outside(until)));
                None
            }
            (real, model) => panic!("{real:?} but {model:?}"),
        }
    }

    /// Notes which leases have ended by the rules of an acquisition, granted or
    /// refused: they stay ended under longer ones. The breaker may hold one for
    /// longer, for it looks only when asked for a probe, but never for less.
    fn end_leases(&mut self) {
        let (lease, now, generation) = (millis(self.rules.probe_lease), self.own, self.model.generation);
        for held in &mut self.held {
            held.ended |= held.ticket.generation != generation || now >= held.since + lease;
        }
    }

    /// Never more probes than allowed, by a count of its own.
    fn count_probes(&self) {
        let live = |held: &&Held| held.permit.is_probe() && !held.ended;
        let live = self.held.iter().filter(live).count();
        let newest = self.held.last().is_some_and(|held| held.permit.is_probe());
        assert!(!newest || live <= self.model.most_probes(&self.rules));
    }

    fn finish(&mut self, n: usize, outcome: Outcome, slow: bool) -> Option<Transition> {
        if self.held.is_empty() {
            return None;
        }
        let (count, own) = (self.held.len(), self.own);
        let held = &mut self.held[n % count];
        held.ended = true;
        let (permit, ticket) = (held.permit.clone(), held.ticket);
        let before = self.breaker.snapshot(&self.rules, self.now());
        let late = permit.generation() != self.model.generation;
        let took = Duration::from_millis(if slow { 1_001 } else { 1_000 });
        self.model.finish(ticket, outcome, slow, &self.rules, own);
        let now = self.now();
        let change = self.breaker.finish(permit, outcome, took, &self.rules, now, 0);
        if late || outcome == Outcome::Ignored {
            assert_eq!(self.breaker.snapshot(&self.rules, now), before, "no effect");
        }
        change
    }

    /// What a look says comes true.
    fn look(&self) -> Admission {
        self.breaker.admission(&self.rules, self.now())
    }

    fn compare(&self) {
        let (real, model) = (self.breaker.snapshot(&self.rules, self.now()), &self.model);
        let counts = model.counts(&self.rules, self.own);
        let seen = real.counts;
        let row = [seen.consecutive_failures, seen.consecutive_successes];
        assert_eq!([seen.calls, seen.failures, seen.slow, row[0], row[1]], counts);
        assert_eq!(real.trips, model.trips(&self.rules, self.own));
        assert_eq!(real.since, self.outside(model.since));
        let operator = matches!(model.state, State::ForcedOpen | State::Disabled);
        assert_eq!(
            real.state,
            match self.rules.mode {
                BreakerMode::MetricsOnly if !operator => State::MetricsOnly,
                BreakerMode::Off if !operator => State::Disabled,
                _ => model.state,
            }
        );
        let until = (real.state == State::Open).then(|| self.outside(model.until(&self.rules)));
        assert_eq!(real.until, until);
    }

    /// After the leases and the open time a call passes, unless the operator
    /// forbids it.
    fn is_not_wedged(&mut self) {
        let wait = self.rules.max_open_time.max(self.rules.probe_lease);
        self.live(Event::Pass(millis(wait)));
        let granted = self.breaker.try_acquire(&self.rules, self.now()).is_ok();
        assert_eq!(granted, self.model.state != State::ForcedOpen);
    }
}

/// Found by chance: the count of probes took no note of a refusal, and so had a
/// lease come back that had ended by the shorter rules of it.
#[test]
fn a_lease_that_ended_at_a_refusal_does_not_come_back() {
    let with = |probes, lease| BreakerRules {
        failure_threshold: 1,
        probes,
        probe_ramp: false,
        probe_lease: Duration::from_millis(lease),
        open_time: Duration::ZERO,
        ..BreakerRules::default()
    };
    let rules = |probes, lease| Event::Rules(Box::new(with(probes, lease)));
    let mut life = Life::new(with(2, 10));
    for (event, granted) in [
        (Event::Acquire, 1),
        (Event::Finish(0, Outcome::Failure, false), 1),
        (Event::Acquire, 2),
        (Event::Pass(5), 2),
        (Event::Acquire, 3),
        (rules(1, 5), 3),
        (Event::Acquire, 3),
        (rules(2, 10), 3),
        (Event::Acquire, 4),
        (Event::Acquire, 4),
    ] {
        life.live(event);
        assert_eq!(life.held.len(), granted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_circuit_does_what_the_model_does(rules in rules(), events in prop::collection::vec(event(), 1..150)) {
        let mut life = Life::new(rules);
        for event in events {
            life.live(event);
        }
        life.is_not_wedged();
    }

    /// With spans that change: nothing is held for longer than the span, and
    /// nothing is lost that was counted under the same span and is younger than
    /// nine tenths of it.
    #[test]
    fn a_window_of_changing_span_is_exact_where_it_can_be(
        steps in prop::collection::vec((0..400u64, prop::option::weighted(0.1, 1..5_000u64)), 1..100),
    ) {
        let (mut window, mut span, mut at) = (TimeWindow::default(), 1_000, 0);
        let (mut all, mut same) = (vec![], vec![]);
        for (pause, change) in steps {
            at += pause;
            if let Some(other) = change {
                span = other;
                same.clear();
            }
            let call = counts::Call { failed: true, slow: false };
            window.add(call.into(), Duration::from_millis(span), Duration::from_millis(at));
            all.push(at);
            same.push(at);
            let seen = window.sums(Duration::from_millis(span), Duration::from_millis(at));
            let younger = |times: &[u64], tenths| {
                times.iter().filter(|time| (at - **time) * 10 < span * tenths).count() as u64
            };
            prop_assert!(seen.calls <= younger(&all, 10));
            prop_assert!(seen.calls >= younger(&same, 9));
            prop_assert_eq!(seen.calls, seen.failures);
        }
    }
}
