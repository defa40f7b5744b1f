//! One budget, divided so that nobody spends a neighbour's part.

use super::{Allowance, MOST_SAVED, RetryBudget};
use crate::BudgetRules;

/// The most that an agent saves up, however many share a budget. With less, what
/// fails by chance alone is more than it can pay: with five, one task of a
/// hundred has no retry left where a fifth of the attempts fail; with so many,
/// less than one of a thousand.
const LEAST_SAVED: u32 = 20;

/// The reserve that an agent may draw on, however many share a budget, as far as
/// there is one. A share of few first attempts is less than one retry: without a
/// reserve of its own, an agent with three tasks could not try any of them again.
const LEAST_RESERVE: u32 = 5;

/// A retry budget in which each agent has a part of its own.
///
/// An agent's part is the share of its own first attempts, and an equal part of
/// the reserve and of what may be saved up, but at least 5 and 20 retries. So a
/// plugin that fails on purpose spends its own part and then stops. Of the parts
/// no more is spent together than one [`RetryBudget`] for all would allow: that
/// bound holds whatever the number of agents.
///
/// Agents are numbered from zero. Only those that take part belong here: each
/// more makes the parts smaller.
#[derive(Debug)]
pub struct FairBudget {
    whole: RetryBudget,
    parts: Box<[RetryBudget]>,
}

impl FairBudget {
    /// A budget for so many agents, with nothing spent.
    pub fn new(agents: usize) -> Self {
        let saved = |agent| part(MOST_SAVED, agents, agent).max(LEAST_SAVED);
        Self {
            whole: RetryBudget::default(),
            parts: (0..agents)
                .map(|agent| RetryBudget::saving(saved(agent)))
                .collect(),
        }
    }

    /// The part of this agent: nothing if it does not take part.
    pub fn allowance(&self, agent: usize, rules: &BudgetRules) -> Allowance<'_> {
        let least = rules.reserve.min(LEAST_RESERVE);
        let own = BudgetRules {
            reserve: part(rules.reserve, self.parts.len(), agent).max(least),
            ..*rules
        };
        match self.parts.get(agent) {
            Some(part) => part.allowance(&own).within(&self.whole, rules),
            None => Allowance::NOTHING,
        }
    }
}

/// An equal part of a number of retries. What does not divide goes to the first
/// agents, one each.
fn part(retries: u32, agents: usize, agent: usize) -> u32 {
    let agents = u32::try_from(agents).unwrap_or(u32::MAX);
    let rest = retries.checked_rem(agents).unwrap_or(0);
    let part = retries.checked_div(agents).unwrap_or(0);
    part.saturating_add(u32::from(agent < rest as usize))
}

#[cfg(test)]
mod tests;
