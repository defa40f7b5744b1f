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
/// outage costs so many more than a share of its own first attempts. To these
/// comes the share for each retry of the last minute, which may fail as well.
pub const MOST_SAVED: u32 = 50;

/// The retries of all callers of something.
///
/// Bound: in any minute there are at most `reserve` + [`MOST_SAVED`] + share x
/// (first attempts of that minute + retries of the minute before). It holds under any interleaving, since each
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

    /// For retries that nobody outside pays for: all that the last minute has
    /// earned is there, however much that is.
    pub fn of_a_minute() -> Self {
        Self::saving(u32::MAX)
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
        let own = Charged { budget: self, taken };
        Some(Charge { own, whole: None })
    }

    /// Retries that are left now.
    pub fn left(&self, rules: &BudgetRules, now: Duration) -> u64 {
        self.lock().left(rules.reserve, now)
    }

    /// All of it, for a party that has it to itself.
    pub fn allowance(&self, rules: &BudgetRules) -> Allowance<'_> {
        Allowance::all_of(self, *rules)
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
    own: Charged<'a>,
    /// What the budget was charged that the party's own is a part of.
    whole: Option<Charged<'a>>,
}

/// What one budget was charged.
#[derive(Debug)]
struct Charged<'a> {
    budget: &'a RetryBudget,
    taken: Taken,
}

impl<'a> Charge<'a> {
    /// One retry that another budget was charged as well.
    fn with(self, whole: Charge<'a>) -> Self {
        Self {
            own: self.own,
            whole: Some(whole.own),
        }
    }

    /// Returns the retry, for one that is not made after all: another budget
    /// that it needs as well had none left. Until then it counts as made.
    pub fn give_back(self) {
        let all = [Some(self.own), self.whole].into_iter().flatten();
        all.for_each(|charged| charged.budget.lock().give_back(charged.taken));
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
