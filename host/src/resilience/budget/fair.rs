//! One budget, divided so that nobody spends a neighbour's part.

use super::{Charge, RetryBudget};
use crate::config::BudgetRules;

/// A retry budget in which each agent has a part of its own.
///
/// An agent's bound is an equal part of the reserve plus the share of its own
/// first attempts. So a plugin that fails on purpose spends its own part and
/// then stops. The parts together are never more than one [`RetryBudget`] for
/// all would allow: the parts of the reserve add up to the reserve, and shares
/// rounded down one by one are at most the share of all, rounded down. Nothing
/// is lent from part to part, because what is lent to one that fails is missing
/// where it was taken.
///
/// Agents are numbered from zero. Only those that take part belong here: each
/// more makes the parts smaller.
#[derive(Debug)]
pub struct FairBudget {
    parts: Box<[RetryBudget]>,
}

impl FairBudget {
    /// A budget for so many agents, with nothing spent.
    pub fn new(agents: usize) -> Self {
        Self {
            parts: (0..agents).map(|_| RetryBudget::default()).collect(),
        }
    }

    /// Counts the first attempt of a task of this agent. An agent that does not
    /// take part is not counted.
    pub fn first_attempt(&self, agent: usize) {
        if let Some(part) = self.parts.get(agent) {
            part.first_attempt();
        }
    }

    /// Charges one retry to this agent. None if it has none left, or does not
    /// take part.
    pub fn charge(&self, agent: usize, rules: &BudgetRules) -> Option<Charge<'_>> {
        let reserve = self.reserve(agent, rules);
        self.parts.get(agent)?.charge_within(reserve, rules)
    }

    /// Retries that this agent has left now.
    pub fn left(&self, agent: usize, rules: &BudgetRules) -> u64 {
        let reserve = self.reserve(agent, rules);
        let part = self.parts.get(agent);
        part.map_or(0, |part| part.left_within(reserve, rules))
    }

    /// Retries of all agents together.
    pub fn retries(&self) -> u64 {
        self.parts.iter().map(RetryBudget::retries).sum()
    }

    /// An equal part of the reserve. What does not divide goes to the first
    /// agents, one each.
    fn reserve(&self, agent: usize, rules: &BudgetRules) -> u64 {
        let (agents, agent) = (self.parts.len() as u64, agent as u64);
        let reserve = u64::from(rules.reserve);
        let rest = reserve.checked_rem(agents).unwrap_or(0);
        let part = reserve.checked_div(agents).unwrap_or(0);
        part.saturating_add(u64::from(agent < rest))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::arbitrary;
    use super::super::tests::rules;
    use super::*;
    use proptest::prelude::*;
    use std::thread;

    fn drain(budget: &FairBudget, agent: usize, rules: &BudgetRules) -> u64 {
        std::iter::from_fn(|| budget.charge(agent, rules)).count() as u64
    }

    #[test]
    fn one_that_fails_on_purpose_leaves_the_others_theirs() {
        let (budget, rules) = (FairBudget::new(3), rules(20, 10));
        (0..50).for_each(|_| budget.first_attempt(0));
        (0..5).for_each(|_| budget.first_attempt(2));
        assert_eq!(drain(&budget, 0, &rules), 4 + 10);
        assert_eq!(budget.left(0, &rules), 0);
        assert_eq!(budget.left(1, &rules), 3);
        assert_eq!(drain(&budget, 2, &rules), 3 + 1);
    }

    #[test]
    fn who_does_not_take_part_has_nothing() {
        let rules = rules(100, 10);
        for (budget, agent) in [(FairBudget::new(0), 0), (FairBudget::new(2), 2)] {
            budget.first_attempt(agent);
            assert!(budget.charge(agent, &rules).is_none());
            assert_eq!(budget.left(agent, &rules), 0);
        }
    }

    #[test]
    fn one_agent_alone_has_the_whole_budget() {
        let (budget, rules) = (FairBudget::new(1), rules(50, 7));
        (0..4).for_each(|_| budget.first_attempt(0));
        assert_eq!(drain(&budget, 0, &rules), 9);
    }

    #[test]
    fn many_threads_never_pass_the_bound_of_all() {
        let (budget, rules) = (FairBudget::new(3), rules(20, 10));
        thread::scope(|scope| {
            for thread in 0..9 {
                let (budget, rules) = (&budget, &rules);
                scope.spawn(move || {
                    for _ in 0..2_000 {
                        budget.first_attempt(thread % 3);
                        let _ = budget.charge(thread % 3, rules);
                    }
                });
            }
        });
        assert!(budget.retries() <= 10 + 18_000 / 5);
        let last: u64 = (0..3).map(|agent| drain(&budget, agent, &rules)).sum();
        assert_eq!(budget.retries(), 10 + 18_000 / 5, "{last} of them at the end");
    }

    proptest! {
        #![proptest_config(arbitrary::cases(500))]

        /// All parts spent to the last are within one budget for all.
        #[test]
        fn the_parts_fit_into_the_whole(
            firsts in prop::collection::vec(0..40_u64, 1..12), percent in 0..=100_u32, reserve in 0..60_u32,
        ) {
            let (budget, rules) = (FairBudget::new(firsts.len()), rules(percent, reserve));
            for (agent, count) in firsts.iter().enumerate() {
                (0..*count).for_each(|_| budget.first_attempt(agent));
                drain(&budget, agent, &rules);
            }
            let whole = u64::from(reserve) + rules.share.of(firsts.iter().sum());
            prop_assert!(budget.retries() >= u64::from(reserve));
            prop_assert!(budget.retries() <= whole);
        }
    }
}
