//! What one party may spend of a budget, under the rules that hold now.

use std::time::Duration;

use super::{Charge, RetryBudget};
use crate::BudgetRules;

/// What one party may spend of a budget: the whole of a [`RetryBudget`], or its
/// part of a [`FairBudget`](crate::FairBudget).
#[derive(Debug, Clone, Copy)]
pub struct Allowance<'a> {
    /// None if the party does not take part: it has nothing.
    own: Option<Ruled<'a>>,
    /// The budget that the party's own is a part of, if it is one.
    whole: Option<Ruled<'a>>,
}

/// A budget, and the rules that it is asked by.
#[derive(Debug, Clone, Copy)]
struct Ruled<'a> {
    budget: &'a RetryBudget,
    rules: BudgetRules,
}

impl<'a> Allowance<'a> {
    /// That of a party that does not take part: it has nothing.
    pub const NOTHING: Self = Self {
        own: None,
        whole: None,
    };

    /// All of a budget.
    pub(super) const fn all_of(budget: &'a RetryBudget, rules: BudgetRules) -> Self {
        Self {
            own: Some(Ruled { budget, rules }),
            whole: None,
        }
    }

    /// The same as a part of another budget, out of which it is paid as well.
    pub(super) const fn within(self, budget: &'a RetryBudget, rules: &BudgetRules) -> Self {
        Self {
            own: self.own,
            whole: Some(Ruled {
                budget,
                rules: *rules,
            }),
        }
    }

    /// Counts the first attempt of a task, which earns a share of a retry.
    pub fn first_attempt(&self, now: Duration) {
        let budgets = self.own.iter().chain(&self.whole);
        budgets.for_each(|ruled| ruled.budget.first_attempt(&ruled.rules, now));
    }

    /// Charges one retry. None if there is none left: stop, do not wait.
    pub fn charge(&self, now: Duration) -> Option<Charge<'a>> {
        let own = self.own?;
        let charge = own.budget.charge(&own.rules, now)?;
        let Some(whole) = self.whole else {
            return Some(charge);
        };
        match whole.budget.charge(&whole.rules, now) {
            Some(of_whole) => Some(charge.with(of_whole)),
            None => {
                charge.give_back();
                None
            }
        }
    }

    /// Retries that are left now.
    pub fn left(&self, now: Duration) -> u64 {
        let left = |ruled: Ruled<'_>| ruled.budget.left(&ruled.rules, now);
        let own = self.own.map_or(0, left);
        self.whole.map_or(own, |whole| own.min(left(whole)))
    }
}
