//! One budget, divided so that nobody spends a neighbour's part.

use super::{Allowance, MOST_SAVED, RetryBudget};
use crate::BudgetRules;

/// The most that an agent saves up, however many share a budget. With less, what
/// fails by chance alone is more than it can pay: with five, one task of a
/// hundred has no retry left where a fifth of the attempts fail; with so many,
/// less than one of a thousand.
const LEAST_SAVED: u32 = 20;

/// A retry budget in which each agent has a part of its own.
///
/// An agent's part is an equal part of the reserve, an equal part of what may be
/// saved up (but at least 20 retries), and the share of its own first attempts.
/// So a plugin that fails on purpose spends its own part and then stops. The
/// parts of the reserve add up to the reserve, and those of what is saved to
/// [`MOST_SAVED`], or 20 for each agent. Nothing is lent from part to part,
/// because what is lent to one that fails is missing where it was taken.
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
        let saved = |agent| part(MOST_SAVED, agents, agent).max(LEAST_SAVED);
        Self {
            parts: (0..agents)
                .map(|agent| RetryBudget::saving(saved(agent)))
                .collect(),
        }
    }

    /// The part of this agent: nothing if it does not take part.
    pub fn allowance(&self, agent: usize, rules: &BudgetRules) -> Allowance<'_> {
        Allowance {
            budget: self.parts.get(agent),
            rules: BudgetRules {
                reserve: part(rules.reserve, self.parts.len(), agent),
                ..*rules
            },
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
