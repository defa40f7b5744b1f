//! Whether a failed task runs again, and when.
//!
//! [`decide`] asks in this order: can another attempt help, are attempts and time
//! left, and how long is the wait. `rules` holds the settings and their defaults.
//! `smart` chooses strategy and first delay by the kind of failure, unless the rules
//! name a strategy; `backoff` computes the wait of a strategy. `asked` keeps the waits
//! that services ask for, whoever decides. `bounds` clamps what a policy component
//! answers. `state` is the step that all callers share.

mod asked;
mod backoff;
mod bounds;
mod budgets;
mod meanings;
mod rules;
mod smart;
mod state;
mod verdict;

pub use backoff::delay;
pub use bounds::{Answer, InvalidDecision, clamp, hard_stop};
pub use budgets::Budgets;
pub use meanings::Meanings;
pub use rules::{CodePattern, Jitter, RetryRule, RetryRules, RetryWhen, Strategy};
pub use smart::{binding, effective};
pub use state::{Facts, RetryState};
pub use verdict::{GiveUp, Verdict};

use std::time::Duration;

use self::smart::Kind;
use fusebox_types::failure::{Code, Failure};

/// All that a decision is made from, beside the rules and the random number.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'a> {
    /// What the attempt ended with.
    pub failure: &'a Failure,
    /// The number of the attempt that failed, from 1.
    pub attempt: u32,
    /// The wait before that attempt; zero for the first.
    pub previous_delay: Duration,
    /// Time since the first attempt's start.
    pub elapsed: Duration,
    /// Time until the task's deadline; none if it has none.
    pub remaining: Option<Duration>,
    /// Whether running the task twice does no harm.
    pub idempotent: bool,
    /// What codes of guests mean.
    pub meanings: &'a Meanings,
}

impl Snapshot<'_> {
    fn kind(&self) -> Kind {
        Kind::of(self.failure, self.meanings)
    }
}

/// Decides about a task whose attempt failed.
///
/// - A failure of which nobody knows whether trying again helps is tried again
///   only if the task is idempotent.
/// - A wait that the failure asks for is never undercut, also not by `max_delay`,
///   a rule's own included. If it does not fit into what is left of `max_elapsed`
///   and before the deadline, nothing is tried: [`GiveUp::NotBefore`].
/// - An attempt that would begin at the deadline or later is not made.
/// - The last wait before `max_elapsed` is cut to what remains, if nobody asked
///   for more.
/// - A rule for the failure changes the values (see [`effective`]), or says
///   that it is never tried again.
/// - Whatever the strategy and the rules: a quota is not tried before its time, hence never
///   if no time is known, and a bill never.
///
/// The budget is not asked here: [`RetryState::apply`] charges it for a
/// [`Verdict::Again`], before the wait.
pub fn decide(rules: &RetryRules, snapshot: &Snapshot<'_>, random: u64) -> Verdict {
    match wait(rules, snapshot, random) {
        Ok(wait) => Verdict::Again(wait),
        Err(reason) => Verdict::GiveUp(reason),
    }
}

fn wait(rules: &RetryRules, snapshot: &Snapshot<'_>, random: u64) -> Result<Duration, GiveUp> {
    may_help(rules, snapshot)?;
    let effective = effective(rules, snapshot.failure, snapshot.meanings);
    if snapshot.attempt >= effective.max_attempts {
        return Err(GiveUp::Attempts);
    }
    let computed = delay(&effective, snapshot.attempt, snapshot.previous_delay, random);
    asked::fit(&effective, snapshot, computed)
}

/// Whether another attempt can be of use at all, does no harm, and is not ruled
/// out.
fn may_help(rules: &RetryRules, snapshot: &Snapshot<'_>) -> Result<(), GiveUp> {
    let failure = snapshot.failure;
    if failure.code == Code::Cancelled {
        return Err(GiveUp::Cancelled);
    }
    if rules.rule_for(failure).is_some_and(|rule| rule.never) {
        return Err(GiveUp::NonRetryable);
    }
    match snapshot.kind() {
        Kind::Billing => return Err(GiveUp::NonRetryable),
        Kind::Quota if asked::asked(failure).is_some() => {}
        Kind::Quota if failure.code == Code::ShedBreaker => return Err(GiveUp::BreakerOpen),
        Kind::Quota => return Err(GiveUp::NonRetryable),
        _ => {}
    }
    match failure.retryable {
        Some(false) => Err(GiveUp::NonRetryable),
        None if !snapshot.idempotent => Err(GiveUp::NotIdempotent),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_rules;
