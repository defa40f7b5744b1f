//! What one party may spend of a budget, under the rules that hold now.

use std::time::Duration;

use super::{Charge, RetryBudget};
use crate::BudgetRules;

/// What one party may spend of a budget: the whole of a [`RetryBudget`], or its
/// part of a [`FairBudget`](crate::FairBudget).
#[derive(Debug, Clone, Copy)]
pub struct Allowance<'a> {
    /// None if the party does not take part: it has nothing.
    pub(super) budget: Option<&'a RetryBudget>,
    /// With the party's own part of the reserve.
    pub(super) rules: BudgetRules,
}

impl<'a> Allowance<'a> {
    /// Counts the first attempt of a task, which earns a share of a retry.
    pub fn first_attempt(&self, now: Duration) {
        if let Some(budget) = self.budget {
            budget.first_attempt(&self.rules, now);
        }
    }

    /// Charges one retry. None if there is none left: stop, do not wait.
    pub fn charge(&self, now: Duration) -> Option<Charge<'a>> {
        self.budget?.charge(&self.rules, now)
    }

    /// Retries that are left now.
    pub fn left(&self, now: Duration) -> u64 {
        self.budget.map_or(0, |budget| budget.left(&self.rules, now))
    }
}
