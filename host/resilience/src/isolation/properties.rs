//! Random lives of a pool, held against the model and against what must hold in
//! any.

use std::time::Duration;

use proptest::prelude::*;

use super::model::{Model, Ticket, allowed, millis};
use super::scenarios::id;
use super::*;
use crate::arbitrary;
use crate::isolation::IsolationRules;
use fusebox_types::digest::Digest;
use fusebox_types::failure::{Code, Failure};
use fusebox_types::units::Rate;

/// One thing that happens to a pool.
#[derive(Debug, Clone)]
enum Event {
    /// An attempt begins; the task has failed on these before.
    Choose(Vec<usize>),
    /// The attempt at this place among those under way ends: well, badly, or
    /// with nothing to learn.
    End(usize, Option<bool>),
    /// Milliseconds pass.
    Pass(u64),
    /// The operator takes one out, for a time or by the rules.
    Quarantine(usize, Option<u64>),
    Release(usize),
    /// A health check of one fails.
    FailedCheck(usize),
    /// Other instances, by number and plugin.
    Reload(Vec<(usize, u8)>),
    Rules(Box<IsolationRules>),
}

fn event() -> impl Strategy<Value = Event> {
    let end = prop_oneof![
        4 => Just(Some(false)),
        5 => Just(Some(true)),
        1 => Just(None)
    ];
    let pass = prop_oneof![4 => 0..1_500_u64, 1 => 0..60_000_u64, 1 => Just(60 * 86_400_000)];
    prop_oneof![
        30 => prop::collection::vec(0..6_usize, 0..4).prop_map(Event::Choose),
        10 => Just(Event::Choose(vec![])),
        40 => (any::<usize>(), end).prop_map(|(place, end)| Event::End(place, end)),
        12 => pass.prop_map(Event::Pass),
        1 => (0..6_usize, prop::option::of(0..9_000_u64)).prop_map(|(number, time)| Event::Quarantine(number, time)),
        1 => (0..6_usize).prop_map(Event::Release),
        2 => (0..6_usize).prop_map(Event::FailedCheck),
        2 => members().prop_map(Event::Reload),
        2 => rules().prop_map(|rules| Event::Rules(Box::new(rules))),
    ]
}

fn members() -> impl Strategy<Value = Vec<(usize, u8)>> {
    let numbers = prop::sample::subsequence((0..6_usize).collect::<Vec<_>>(), 0..=6).prop_shuffle();
    let plugins = prop::collection::vec(prop_oneof![9 => Just(0_u8), 1 => Just(1)], 6);
    (numbers, plugins).prop_map(|(numbers, plugins)| numbers.into_iter().zip(plugins).collect())
}

/// Small numbers, so that every state is met often.
fn rules() -> impl Strategy<Value = IsolationRules> {
    let shares = prop::sample::select(vec![0_u32, 10, 34, 50, 75, 100]);
    let times = (1..6_000_u64, 1..20_000_u64, 1..9_000_u64);
    let outliers = (prop::sample::select(vec![30_u32, 50, 100]), 1..8_u32, 1..4_u32);
    (1..5_u32, shares, times, outliers).prop_map(|(strikes, share, times, outliers)| IsolationRules {
        strikes,
        max_quarantined: Rate::percent(share),
        quarantine_time: Duration::from_millis(times.0),
        max_quarantine_time: Duration::from_millis(times.1),
        quarantine_jitter: Rate::percent(0),
        probe_lease: Duration::from_millis(times.2),
        // Longer than any life, so that the model need not forget.
        window_time: Duration::from_secs(1_000_000_000_000),
        outlier_rate: Rate::percent(outliers.0),
        outlier_attempts: outliers.1,
        outlier_deviations: outliers.2,
        health_interval: Duration::from_nanos(1),
        ..IsolationRules::default()
    })
}

/// The real pool and the model side by side.
struct Life {
    pool: Pool,
    model: Model,
    rules: IsolationRules,
    held: Vec<(Lease, Ticket)>,
    members: Vec<(usize, u8)>,
    now: u64,
    trap: Failure,
}

impl Life {
    fn new(rules: IsolationRules, members: Vec<(usize, u8)>) -> Self {
        let mut life = Self {
            pool: Pool::new(Duration::ZERO),
            model: Model::default(),
            rules,
            held: vec![],
            members,
            now: 0,
            trap: Failure::new(Code::TrapPanic, ""),
        };
        life.reload();
        life
    }

    fn at(&self) -> Duration {
        Duration::from_millis(self.now)
    }

    fn reload(&mut self) {
        let digest = |plugin: u8| Digest([plugin; 32]);
        let members = self.members.iter().map(|&(number, plugin)| Member {
            id: id(number),
            digest: digest(plugin),
        });
        let members: Vec<_> = members.collect();
        self.pool.reload(&members, &self.rules, self.at());
        self.model.reload(&self.members, &self.rules, self.now);
    }

    fn is_member(&self, number: usize) -> bool {
        self.members.iter().any(|(member, _)| *member == number)
    }

    fn live(&mut self, event: Event) {
        let at = self.at();
        match event {
            Event::Choose(failed_on) => self.choose(&failed_on),
            Event::End(place, strike) => self.end(place, strike),
            Event::Pass(ms) => self.now += ms,
            Event::Quarantine(number, time) => self.quarantine(number, time),
            Event::Release(number) => {
                let known = self.pool.release(id(number), &self.rules, at).is_ok();
                assert_eq!(known, self.is_member(number));
                if known {
                    self.model.release(number, self.now);
                }
            }
            Event::FailedCheck(number) => self.failed_check(number),
            Event::Reload(members) => {
                self.members = members;
                self.reload();
            }
            Event::Rules(rules) => {
                self.rules = *rules;
                self.reload();
            }
        }
    }

    fn choose(&mut self, failed_on: &[usize]) {
        let ids: Vec<_> = failed_on.iter().map(|number| id(*number)).collect();
        let choice = self.pool.choose(&ids, &self.rules, self.at());
        let ticket = self.model.choose(failed_on, &self.rules, self.now);
        assert_eq!(choice.is_some(), !self.members.is_empty(), "there is always one");
        let (Some(choice), Some(ticket)) = (choice, ticket) else {
            assert!(ticket.is_none());
            return;
        };
        let real = (choice.lease.instance(), choice.lease.is_probe(), choice.degraded);
        let degraded = self.model.degraded(&self.rules);
        assert_eq!(real, (id(ticket.number), ticket.probe.is_some(), degraded));
        self.held.push((choice.lease, ticket));
    }

    fn end(&mut self, place: usize, strike: Option<bool>) {
        if self.held.is_empty() {
            return;
        }
        let (lease, ticket) = self.held.swap_remove(place % self.held.len());
        let outcome = match strike {
            Some(true) => Outcome::Strike(&self.trap),
            Some(false) => Outcome::Success,
            None => Outcome::Neutral,
        };
        let at = self.at();
        let change = self
            .pool
            .record(lease, outcome, Usage::default(), &self.rules, at, 0);
        assert!(change.is_none() || strike.is_some(), "{change:?}");
        self.model.record(ticket, strike, &self.rules, self.now);
    }

    fn quarantine(&mut self, number: usize, time: Option<u64>) {
        let (at, span) = (self.at(), time.map(Duration::from_millis));
        let out = self.model.out();
        let room = out.contains(&number) || out.len() < allowed(&self.rules, self.members.len());
        let done = self.pool.quarantine(id(number), span, "", &self.rules, at, 0);
        assert_eq!(done.is_ok(), self.is_member(number) && room);
        if done.is_ok() {
            self.model.take_out(number, time, &self.rules, self.now);
        }
    }

    /// Checks all that are due, of which one fails.
    fn failed_check(&mut self, number: usize) {
        let (at, rules) = (self.at(), self.rules);
        while let Some(check) = self.pool.next_check(&rules, at) {
            let fails = check.instance() == id(number);
            let failure = fails.then(|| self.trap.clone());
            self.pool
                .checked(check, failure.as_ref(), Usage::default(), &rules, at, 0);
            if fails {
                self.model.failed_check(number, &rules, self.now);
            }
        }
    }

    fn check(&self) {
        let real = self.pool.list(&self.rules, self.at());
        let plain = &self.model.members;
        assert_eq!(real.len(), plain.len());
        for (real, plain) in real.iter().zip(plain) {
            let state = match (&plain.out, plain.held) {
                (Some(_), _) => State::Quarantined,
                (None, true) => State::Held,
                (None, false) => State::InService,
            };
            let times = plain.times_at(&self.rules, self.now);
            assert_eq!(
                (real.instance, real.state, real.in_flight, real.times),
                (id(plain.number), state, plain.in_flight, times)
            );
            let under_way = self
                .held
                .iter()
                .filter(|(lease, _)| lease.instance() == real.instance);
            assert_eq!(real.in_flight as usize, under_way.count(), "exact");
        }
        let out = self.pool.quarantined(&self.rules, self.at());
        assert!(out.len() <= allowed(&self.rules, plain.len()), "the floor");
        for (real, number) in out.iter().zip(self.model.out()) {
            let plain = plain.iter().find(|one| one.number == number).unwrap();
            let remaining = plain.until(&self.rules).saturating_sub(self.now);
            assert_eq!(millis(real.remaining), remaining);
        }
    }

    /// With time and work, each instance that is out comes back.
    fn recover(&mut self) {
        self.now += 100_000_000;
        for _ in 0..self.members.len() {
            self.choose(&[]);
            self.end(self.held.len() - 1, Some(false));
        }
        assert_eq!(self.model.out(), Vec::<usize>::new(), "none is wedged");
        self.check();
    }
}

proptest! {
    #![proptest_config(arbitrary::cases(600))]

    #[test]
    fn any_life_is_that_of_the_model_and_ends_with_all_back(
        rules in rules(),
        members in members(),
        events in prop::collection::vec(event(), 0..250),
    ) {
        let mut life = Life::new(rules, members);
        for event in events {
            life.live(event);
            life.check();
        }
        life.recover();
    }
}
