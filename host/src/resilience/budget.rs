//! How many retries can be afforded.
//!
//! When a service is down, every task fails, and retries multiply the load on
//! what is already failing. A budget bounds that: retries are at most a share
//! of the first attempts plus a small reserve (as in Finagle's `RetryBudget`
//! and linkerd's). It is charged before the wait, and who finds it empty stops:
//! waiting for it would keep the load up.
//!
//! A budget counts and knows no rules; they are handed in at each call. So a
//! reload of the configuration changes the next decision and loses no count.

mod fair;

pub use fair::FairBudget;

use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::BudgetRules;

/// The retries of a session, or of all callers of an upstream.
///
/// Bound: retries <= reserve + share x first attempts so far. It holds at every
/// moment and under any interleaving: a charge goes through only if the count of
/// retries is still the one that was compared with the bound, and first attempts
/// only become more, so that an old count of them allows too little, never too
/// much. For the same reason no stronger memory order is needed.
#[derive(Debug, Default)]
pub struct RetryBudget {
    first_attempts: AtomicU64,
    retries: AtomicU64,
}

impl RetryBudget {
    /// Counts the first attempt of a task. Retries and back-pressure are none, nor
    /// are operations that a guest runs by itself: it could earn retries with
    /// operations that do nothing.
    pub fn first_attempt(&self) {
        self.first_attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// Charges one retry. None if there is none left: stop, do not wait.
    ///
    /// Not for what the failure's table exempts (`budget: false`).
    pub fn charge(&self, rules: &BudgetRules) -> Option<Charge<'_>> {
        self.charge_within(u64::from(rules.reserve), rules)
    }

    /// Retries that are left now.
    pub fn left(&self, rules: &BudgetRules) -> u64 {
        self.left_within(u64::from(rules.reserve), rules)
    }

    /// First attempts so far.
    pub fn first_attempts(&self) -> u64 {
        self.first_attempts.load(Ordering::Relaxed)
    }

    /// Retries charged so far and not given back.
    pub fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// Charges one retry, with a reserve other than that of the rules.
    fn charge_within(&self, reserve: u64, rules: &BudgetRules) -> Option<Charge<'_>> {
        let charged = self
            .retries
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |retries| {
                (retries < self.bound(reserve, rules)).then(|| retries.saturating_add(1))
            });
        charged.ok().map(|_| Charge(self))
    }

    /// What is left, with a reserve other than that of the rules.
    fn left_within(&self, reserve: u64, rules: &BudgetRules) -> u64 {
        self.bound(reserve, rules).saturating_sub(self.retries())
    }

    fn bound(&self, reserve: u64, rules: &BudgetRules) -> u64 {
        reserve.saturating_add(rules.share.of(self.first_attempts()))
    }
}

/// One retry that was charged. It stays charged unless it is given back.
#[derive(Debug)]
#[must_use = "none means that the retry must not be made"]
pub struct Charge<'a>(&'a RetryBudget);

impl Charge<'_> {
    /// Returns the retry, for one that is not made after all: another budget
    /// that it needs as well had none left.
    pub fn give_back(self) {
        self.0.retries.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary;
    use super::*;
    use crate::config::Rate;
    use proptest::prelude::*;
    use std::thread;

    pub(super) fn rules(percent: u32, reserve: u32) -> BudgetRules {
        BudgetRules {
            share: Rate::percent(percent),
            reserve,
        }
    }

    /// Charges until there is nothing left, and says how often.
    fn drain(budget: &RetryBudget, rules: &BudgetRules) -> u64 {
        std::iter::from_fn(|| budget.charge(rules)).count() as u64
    }

    #[test]
    fn the_reserve_and_a_share_of_first_attempts_are_allowed() {
        let (budget, rules) = (RetryBudget::default(), rules(20, 2));
        assert_eq!(drain(&budget, &rules), 2);
        (0..10).for_each(|_| budget.first_attempt());
        assert_eq!(budget.left(&rules), 2);
        assert_eq!(drain(&budget, &rules), 2);
        assert_eq!((budget.retries(), budget.left(&rules)), (4, 0));
    }

    #[test]
    fn a_retry_that_is_not_made_is_given_back() {
        let (budget, rules) = (RetryBudget::default(), rules(0, 1));
        budget.charge(&rules).unwrap().give_back();
        let _kept = budget.charge(&rules).unwrap();
        assert!(budget.charge(&rules).is_none());
    }

    #[test]
    fn a_reload_changes_the_next_decision_and_loses_no_count() {
        let budget = RetryBudget::default();
        assert_eq!(drain(&budget, &rules(0, 5)), 5);
        assert_eq!(drain(&budget, &rules(0, 8)), 3);
        assert_eq!(budget.left(&rules(0, 2)), 0);
        assert!(budget.charge(&rules(0, 2)).is_none());
        assert_eq!(budget.retries(), 8);
    }

    /// Eight threads begin tasks and charge as much as they can, while another
    /// looks: the count is never above the bound, and ends exactly at it.
    #[test]
    fn many_threads_never_pass_the_bound() {
        let (budget, rules) = (RetryBudget::default(), rules(20, 100));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for turn in 0..5_000 {
                        budget.first_attempt();
                        if let (Some(charge), true) = (budget.charge(&rules), turn % 7 == 0) {
                            charge.give_back();
                        }
                    }
                });
            }
            scope.spawn(|| {
                for _ in 0..20_000 {
                    // In this order: first attempts only become more.
                    let retries = budget.retries();
                    assert!(retries <= 100 + budget.first_attempts() / 5);
                }
            });
        });
        drain(&budget, &rules);
        assert_eq!(budget.retries(), 100 + 40_000 / 5);
    }

    proptest! {
        #![proptest_config(arbitrary::cases(500))]

        /// In any sequence, with rules that change on the way, a charge goes
        /// through exactly if the count is below the bound of that moment.
        #[test]
        fn a_charge_goes_through_exactly_below_the_bound(
            steps in prop::collection::vec((any::<bool>(), 0..=100_u32, 0..10_u32), 0..300),
        ) {
            let budget = RetryBudget::default();
            let (mut firsts, mut retries) = (0_u64, 0_u64);
            for (begin, percent, reserve) in steps {
                if begin {
                    budget.first_attempt();
                    firsts += 1;
                    continue;
                }
                let expected = retries < u64::from(reserve) + firsts * u64::from(percent) / 100;
                prop_assert_eq!(budget.charge(&rules(percent, reserve)).is_some(), expected);
                retries += u64::from(expected);
            }
            prop_assert_eq!(budget.retries(), retries);
        }
    }
}
