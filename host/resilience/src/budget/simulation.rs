//! Whole sessions against the default budgets, on a clock of their own: what a
//! person is promised has to hold for the numbers that are shipped.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use super::*;
use crate::retry::Budgets;
use crate::{RetryRules, random};
use fusebox_types::TaskIndex;
use fusebox_types::failure::{Code, Failure};

/// Attempts under way at once.
const WORKERS: usize = 64;
/// How long an attempt takes.
const ATTEMPT: Duration = Duration::from_millis(50);
const SEEDS: u64 = 12;

/// A session of so many agents that all call one upstream.
struct Session {
    rules: BudgetRules,
    own: FairBudget,
    upstream: FairBudget,
    agents: usize,
    /// How many of ten attempts fail, by chance.
    failing: u64,
    seed: u64,
}

/// What it came to.
#[derive(Debug, Default)]
struct Outcome {
    succeeded: u64,
    requests: u64,
}

/// The next attempt at a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    task: TaskIndex,
    attempt: u32,
}

impl Session {
    fn new(agents: usize, failing: u64, seed: u64) -> Self {
        Self {
            rules: BudgetRules::default(),
            own: FairBudget::new(agents),
            upstream: FairBudget::new(agents),
            agents,
            failing,
            seed,
        }
    }

    /// Carries so many tasks to their ends, in their order.
    fn run(&self, tasks: TaskIndex, from: Duration) -> Outcome {
        let mut outcome = Outcome::default();
        let mut ready: VecDeque<_> = (0..tasks).map(|task| Due { task, attempt: 1 }).collect();
        let mut under_way = BinaryHeap::new();
        let mut now = from;
        loop {
            while under_way.len() < WORKERS
                && let Some(due) = ready.pop_front()
            {
                outcome.requests += 1;
                under_way.push(Reverse((now + ATTEMPT, due)));
            }
            let Some(Reverse((ends, due))) = under_way.pop() else {
                return outcome;
            };
            now = ends;
            match self.end(due, now) {
                Ended::Succeeded => outcome.succeeded += 1,
                Ended::Again(due) => ready.push_back(due),
                Ended::Failed => {}
            }
        }
    }

    fn end(&self, due: Due, now: Duration) -> Ended {
        let agent = due.task as usize % self.agents;
        let budgets = Budgets {
            own: self.own.allowance(agent, &self.rules),
            upstream: Some(self.upstream.allowance(agent, &self.rules)),
        };
        if due.attempt == 1 {
            budgets.first_attempt(now);
        }
        if random(self.seed, due.task, due.attempt) % 10 >= self.failing {
            return Ended::Succeeded;
        }
        let (attempt, failure) = (due.attempt + 1, Failure::new(Code::HttpServerError, ""));
        let again = attempt <= RetryRules::default().max_attempts && budgets.pay(&failure, now);
        if again {
            Ended::Again(Due { attempt, ..due })
        } else {
            Ended::Failed
        }
    }
}

enum Ended {
    Succeeded,
    Again(Due),
    Failed,
}

#[test]
fn a_fifth_of_failures_by_chance_loses_less_than_one_task_of_two_hundred() {
    for agents in [1, 4, 20] {
        for seed in 0..SEEDS {
            let outcome = Session::new(agents, 2, seed).run(10_000, Duration::ZERO);
            assert!(
                outcome.succeeded >= 9_950,
                "{outcome:?} with {agents} agents, seed {seed}"
            );
        }
    }
}

#[test]
fn an_outage_costs_three_tenths_of_the_first_attempts_and_the_reserve() {
    for agents in [1, 4, 20] {
        let outcome = Session::new(agents, 10, 0).run(1_000, Duration::ZERO);
        let most = 1_300 + u64::from(BudgetRules::default().reserve);
        assert!(outcome.requests <= most, "{outcome:?} with {agents} agents");
        assert!(
            outcome.requests >= 1_250,
            "{outcome:?}: what is allowed was not used"
        );
    }
}
