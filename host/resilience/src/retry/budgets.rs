//! Who pays for a retry.

use std::time::Duration;

use crate::{Allowance, Charge};
use fusebox_types::failure::{Blame, Failure};

/// The budgets that retries of one party are charged to.
#[derive(Debug, Clone, Copy)]
pub struct Budgets<'a> {
    /// That of whoever tries again.
    pub own: Allowance<'a>,
    /// The party's part of the budget of the upstream that was called last.
    pub upstream: Option<Allowance<'a>>,
}

impl<'a> Budgets<'a> {
    /// Counts a first attempt, out of which retries are paid.
    pub fn first_attempt(&self, now: Duration) {
        self.own.first_attempt(now);
        if let Some(upstream) = &self.upstream {
            upstream.first_attempt(now);
        }
    }

    /// Charges one retry, before its wait; false if it must not be made. The
    /// upstream pays as well if the failure is its fault. Back-pressure is free.
    #[must_use = "false means that the retry must not be made"]
    pub fn pay(&self, failure: &Failure, now: Duration) -> bool {
        if !failure.code.row().budget {
            return true;
        }
        let Some(upstream) = self.upstream_of(failure) else {
            return self.own.charge(now).is_some();
        };
        let Some(charge) = upstream.charge(now) else {
            return false;
        };
        let paid = self.own.charge(now).is_some();
        if !paid {
            Charge::give_back(charge);
        }
        paid
    }

    /// Whether one retry could be paid now. Nothing is charged.
    pub fn can_pay(&self, failure: &Failure, now: Duration) -> bool {
        let has_left = |allowance: &Allowance<'_>| allowance.left(now) > 0;
        !failure.code.row().budget || (self.upstream_of(failure).is_none_or(has_left) && has_left(&self.own))
    }

    fn upstream_of(&self, failure: &Failure) -> Option<&Allowance<'a>> {
        self.upstream
            .as_ref()
            .filter(|_| failure.blame == Blame::Upstream)
    }
}
