//! Retries for programs that have this as a library: any operation of their own, under the same rules, the same decisions and the same budget as the
//! tasks of a session.
//!
//! ```
//! use std::time::Duration;
//! use fusebox_resilience::{BudgetRules, RetryRules};
//! use fusebox_types::failure::{Code, Failure};
//! use fusebox_resilience::retrier::{Call, Retrier};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let rules = RetryRules { base: Duration::from_millis(1), ..RetryRules::default() };
//! let retrier = Retrier::new(rules, BudgetRules::default());
//! let call = Call::new("fetch").within(Duration::from_secs(10));
//! let fetched = retrier
//!     .execute(call, async |attempt| match attempt {
//!         1 => Err(Failure::new(Code::LimitDeadline, "too slow")),
//!         _ => Ok("the page"),
//!     })
//!     .await?;
//! assert_eq!(fetched, "the page");
//! let status = retrier.status("fetch").ok_or("not kept")?;
//! assert_eq!((status.attempt(), status.past.len()), (2, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What comes after a failure is a step of [`RetryState`](crate::RetryState), as in a session. `run` carries one operation to its end, `kept` holds what can
//! be asked about, `clock` is the time that all go by.

mod call;
mod clock;
mod kept;
mod run;
mod status;

pub use call::{Call, RetryError};
pub use clock::{Clock, TokioClock};
pub use kept::FINISHED_KEPT;
pub use status::{End, PAST_KEPT, PastAttempt, RetryStatus};

use std::time::Duration;

use self::kept::Kept;
use self::run::Run;
use crate::{BudgetRules, Budgets, Facts, Meanings, RetryBudget, RetryRules, Verdict, decide, random};
use fusebox_types::failure::Failure;

/// Runs operations, and runs them again under one set of rules and one budget.
/// Share it among all that call the same thing: the budget is theirs together.
#[derive(Debug)]
pub struct Retrier<C = TokioClock> {
    rules: RetryRules,
    budget_rules: BudgetRules,
    budget: RetryBudget,
    clock: C,
    seed: u64,
    kept: Kept,
}

impl Retrier {
    /// A retrier that waits by tokio's timer, with a seed drawn for its jitter.
    pub fn new(rules: RetryRules, budget: BudgetRules) -> Self {
        let seed = getrandom::u64().unwrap_or(0);
        Self::with_clock(rules, budget, TokioClock::new(), seed)
    }
}

impl<C: Clock> Retrier<C> {
    /// A retrier that waits by this clock, with jitter drawn from this seed:
    /// the same operations in the same order have the same waits.
    pub fn with_clock(rules: RetryRules, budget: BudgetRules, clock: C, seed: u64) -> Self {
        Self {
            rules,
            budget_rules: budget,
            budget: RetryBudget::default(),
            clock,
            seed,
            kept: Kept::default(),
        }
    }

    /// Runs an operation until it succeeds or nothing more is to be tried. It
    /// is handed the number of its attempt, from 1.
    ///
    /// At its deadline an attempt is dropped where it waits. If this future is
    /// dropped itself, the operation counts as cancelled.
    ///
    /// # Errors
    /// If it gave up, with the last failure and why; or if an operation of the
    /// same name is under way.
    pub async fn execute<T>(
        &self,
        call: impl Into<Call>,
        mut operation: impl AsyncFnMut(u32) -> Result<T, Failure>,
    ) -> Result<T, RetryError> {
        let mut run = Run::begin(self, call.into())?;
        self.budgets().first_attempt(self.clock.now());
        loop {
            match run.attempt(operation(run.number())).await {
                Ok(value) => {
                    run.end(End::Succeeded);
                    return Ok(value);
                }
                Err(failure) => run.wait_after(failure).await?,
            }
        }
    }

    /// Whether an operation that is where `status` says would be tried again
    /// after this failure. Nothing is charged.
    pub fn should_retry(&self, failure: &Failure, status: &RetryStatus) -> bool {
        let can_pay = self.budgets().can_pay(failure, self.clock.now());
        can_pay && self.delay(failure, status).is_some()
    }

    /// How long it would wait before that; none if it would not be tried again.
    pub fn delay(&self, failure: &Failure, status: &RetryStatus) -> Option<Duration> {
        let facts = self.facts(status);
        let snapshot = status.state.snapshot(failure, &facts);
        match decide(&self.rules, &snapshot, facts.random) {
            Verdict::Again(wait) => Some(wait),
            Verdict::GiveUp(_) => None,
        }
    }

    /// What there is to say of the last operation of a name: under way, or
    /// among the last [`FINISHED_KEPT`] that are over. None if there is none.
    pub fn status(&self, name: &str) -> Option<RetryStatus> {
        self.kept.status(name)
    }

    /// The status of an operation in its first attempt that begins now: for
    /// asking what would be done.
    pub fn fresh(&self, call: impl Into<Call>) -> RetryStatus {
        RetryStatus::begin(call.into(), 0, self.clock.now(), self.rules.max_attempts)
    }

    /// Cancels an operation that is under way: at once during a wait, and where
    /// an attempt next waits. Says whether there was one.
    pub fn cancel(&self, name: &str) -> bool {
        self.kept.cancel(name)
    }

    fn facts(&self, status: &RetryStatus) -> Facts<'static> {
        let now = self.clock.now();
        Facts {
            now,
            remaining: status.deadline.map(|deadline| deadline.saturating_sub(now)),
            idempotent: status.idempotent,
            random: random(self.seed, status.serial, status.attempt()),
            meanings: Meanings::NONE,
        }
    }

    fn budgets(&self) -> Budgets<'_> {
        Budgets {
            own: self.budget.allowance(&self.budget_rules),
            upstream: None,
        }
    }
}

#[cfg(test)]
mod tests;
