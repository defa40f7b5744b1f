//! Random lives of the places, beside a plain model: a list of who waits, in order, and
//! a list of who has a place.

use proptest::prelude::*;

use super::*;
use crate::arbitrary::cases;

const AGENTS: usize = 4;

#[derive(Debug, Clone)]
enum Step {
    Ask(usize),
    /// One of those that wait goes away.
    GoAway(usize),
    /// One of those that have a place gives it back.
    GiveBack(usize),
    Limit(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..AGENTS).prop_map(Step::Ask),
        1 => any::<usize>().prop_map(Step::GoAway),
        4 => any::<usize>().prop_map(Step::GiveBack),
        1 => (1..7_u32).prop_map(Step::Limit),
    ]
}

/// A request, in the model.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    agent: usize,
    number: u32,
}

#[derive(Default)]
struct Model {
    /// In the order in which they asked.
    waiting: Vec<Asked>,
    having: Vec<Asked>,
    /// When each agent was last given a place, or began to wait.
    turns: [u64; AGENTS],
    clock: u64,
    asked: u32,
}

impl Model {
    fn has(&self, agent: usize) -> usize {
        self.having.iter().filter(|one| one.agent == agent).count()
    }

    fn waits(&self, agent: usize) -> bool {
        self.waiting.iter().any(|one| one.agent == agent)
    }

    fn ask(&mut self, agent: usize) -> Asked {
        if !self.waits(agent) {
            self.clock += 1;
            self.turns[agent] = self.clock;
        }
        self.asked += 1;
        let number = self.asked;
        self.waiting.push(Asked { agent, number });
        Asked { agent, number }
    }

    fn give(&mut self, limit: u32) -> Option<Asked> {
        if self.having.len() >= limit as usize {
            return None;
        }
        let waiting = (0..AGENTS).filter(|agent| self.waits(*agent));
        let agent = waiting.min_by_key(|agent| (self.has(*agent), self.turns[*agent]))?;
        let at = self.waiting.iter().position(|one| one.agent == agent).unwrap();
        let given = self.waiting.remove(at);
        self.having.push(given.clone());
        self.clock += 1;
        self.turns[agent] = self.clock;
        Some(given)
    }
}

/// Both, and what has to hold of them after every step.
struct Pair {
    model: Model,
    places: Places<Asked>,
    tickets: BTreeMap<u32, Ticket>,
    agents: [Arc<str>; AGENTS],
    limit: u32,
    /// How often others were given a place since an agent waits without one.
    passed_by: [usize; AGENTS],
}

impl Pair {
    fn new() -> Self {
        Self {
            model: Model::default(),
            places: Places::default(),
            tickets: BTreeMap::new(),
            agents: ["a", "b", "c", "d"].map(Arc::from),
            limit: 4,
            passed_by: [0; AGENTS],
        }
    }

    fn live(&mut self, step: &Step) {
        match step {
            Step::Ask(agent) => {
                if !self.model.waits(*agent) {
                    self.passed_by[*agent] = 0;
                }
                let asked = self.model.ask(*agent);
                let ticket = self.places.ask(&self.agents[*agent], asked.clone());
                self.tickets.insert(asked.number, ticket);
            }
            Step::GoAway(at) if !self.model.waiting.is_empty() => {
                let gone = self.model.waiting.remove(at % self.model.waiting.len());
                self.leave(&gone);
            }
            Step::GiveBack(at) if !self.model.having.is_empty() => {
                let gone = self.model.having.remove(at % self.model.having.len());
                self.leave(&gone);
            }
            Step::Limit(limit) => self.limit = *limit,
            _ => {}
        }
        self.give_all();
        self.is_as_it_should();
    }

    fn leave(&mut self, gone: &Asked) {
        self.places.leave(self.tickets.remove(&gone.number).unwrap());
    }

    fn give_all(&mut self) {
        loop {
            let expected = self.model.give(self.limit);
            let given = self.places.give_next(self.limit, Duration::ZERO);
            assert_eq!(given, expected);
            let Some(given) = given else { break };
            assert!(self.model.having.len() <= self.limit as usize, "never too many");
            self.is_fair(given.agent);
        }
    }

    /// Nobody who waits has fewer, and whoever has none waits for one round at most.
    fn is_fair(&mut self, given: usize) {
        let before = self.model.has(given) - 1;
        for agent in 0..AGENTS {
            let without = self.model.waits(agent) && self.model.has(agent) == 0;
            assert!(!self.model.waits(agent) || self.model.has(agent) >= before || agent == given);
            self.passed_by[agent] = if without { self.passed_by[agent] + 1 } else { 0 };
            assert!(
                self.passed_by[agent] < AGENTS,
                "{agent} waits for more than a round"
            );
        }
    }

    fn is_as_it_should(&self) {
        let (waiting, having) = (self.model.waiting.len(), self.model.having.len());
        assert!(
            waiting == 0 || having >= self.limit as usize,
            "a place is free and somebody waits"
        );
        assert_eq!(self.places.in_use() as usize, having);
        assert_eq!(self.places.waiting(), waiting);
        let known = (0..AGENTS).filter(|agent| self.model.waits(*agent) || self.model.has(*agent) > 0);
        assert_eq!(self.places.agents.len(), known.count(), "nothing leaks");
        let turns = (0..AGENTS).filter(|agent| self.model.waits(*agent));
        assert_eq!(self.places.turns.len(), turns.count(), "nothing leaks");
    }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn every_place_goes_where_the_plain_model_gives_it(steps in prop::collection::vec(step(), 1..150)) {
        let mut pair = Pair::new();
        steps.iter().for_each(|step| pair.live(step));
        // All go, in any order: nothing is left.
        pair.limit = 0;
        pair.tickets.into_values().for_each(|ticket| pair.places.leave(ticket));
        prop_assert_eq!(pair.places.in_use(), 0);
        prop_assert!(pair.places.agents.is_empty() && pair.places.turns.is_empty());
    }
}
