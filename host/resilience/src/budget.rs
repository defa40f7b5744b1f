//! How many retries can be afforded.
//!
//! When a service is down, every task fails, and retries multiply the load on
//! what is already failing. A budget bounds that: retries are at most a share
//! of the first attempts plus a small reserve (as in Finagle's `RetryBudget`
//! and linkerd's). It is charged before the wait, and who finds it empty stops:
//! waiting for it would keep the load up.
//!
//! A budget forgets, so that a long calm does not pay for a storm: what first
//! attempts have earned is there for a minute, and never more of it is saved
//! than [`MOST_SAVED`].
//!
//! A budget knows no rules; they are handed in at each call. So a reload of the
//! configuration changes the next decision and loses no count.

mod account;
mod allowance;
mod fair;
mod rules;

pub use allowance::Allowance;
pub use fair::FairBudget;
pub use rules::BudgetRules;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use account::{Account, Taken};

/// The most retries that are saved up. Where a fifth of all attempts fail by
/// chance and the share is 30 %, more is earned than is spent, and so many are
/// not used up by chance in a million tasks. After a calm however long, an
/// outage costs so many more than a share of its own first attempts.
pub const MOST_SAVED: u32 = 50;

/// The retries of all callers of something.
///
/// Bound: in any minute there are at most `reserve` + [`MOST_SAVED`] + share x
/// first attempts of that minute. It holds under any interleaving, since each
/// call is one step under a lock. The time of a call that overtook another is
/// that of the other: in here time never runs backwards.
#[derive(Debug)]
pub struct RetryBudget(Mutex<Account>);

impl Default for RetryBudget {
    fn default() -> Self {
        Self::saving(MOST_SAVED)
    }
}

impl RetryBudget {
    /// With another bound on what is saved up.
    fn saving(most: u32) -> Self {
        Self(Mutex::new(Account::new(most)))
    }

    /// Counts the first attempt of a task, which earns a share of a retry.
    /// Retries and back-pressure earn nothing, nor do operations that a guest
    /// runs by itself: it could earn retries with operations that do nothing.
    pub fn first_attempt(&self, rules: &BudgetRules, now: Duration) {
        self.lock().earn(rules.share, now);
    }

    /// Charges one retry. None if there is none left: stop, do not wait.
    ///
    /// Not for what the failure's table exempts (`budget: false`).
    pub fn charge(&self, rules: &BudgetRules, now: Duration) -> Option<Charge<'_>> {
        let taken = self.lock().take(rules.reserve, now)?;
        Some(Charge { budget: self, taken })
    }

    /// Retries that are left now.
    pub fn left(&self, rules: &BudgetRules, now: Duration) -> u64 {
        self.lock().left(rules.reserve, now)
    }

    /// All of it, for a party that has it to itself.
    pub fn allowance(&self, rules: &BudgetRules) -> Allowance<'_> {
        Allowance {
            budget: Some(self),
            rules: *rules,
        }
    }

    /// The lock is held for one call of the account.
    fn lock(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One retry that was charged. It stays charged unless it is given back.
#[derive(Debug)]
#[must_use = "none means that the retry must not be made"]
pub struct Charge<'a> {
    budget: &'a RetryBudget,
    taken: Taken,
}

impl Charge<'_> {
    /// Returns the retry, for one that is not made after all: another budget
    /// that it needs as well had none left. Until then it counts as made.
    pub fn give_back(self) {
        self.budget.lock().give_back(self.taken);
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
