//! Whether a failed task runs again, and when.
//!
//! [`decide`] asks in this order: can another attempt help, are attempts and time
//! left, and how long is the wait. `rules` holds the settings and their defaults.
//! `smart` chooses strategy and first delay by the kind of failure, unless the rules
//! name a strategy; `backoff` computes the wait of a strategy. `bounds` clamps what a
//! policy component answers. `state` is the step that all callers share.

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
/// - A wait that the failure asks for is honoured, clamped to what the strategy
///   computes and `max_delay`. If it lies past the deadline, nothing is tried.
/// - An attempt that would begin at the deadline or later is not made.
/// - The last wait before `max_elapsed` is cut to what remains.
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
    let left = effective.max_elapsed.saturating_sub(snapshot.elapsed);
    if left.is_zero() {
        return Err(GiveUp::Elapsed);
    }
    let computed = delay(&effective, snapshot.attempt, snapshot.previous_delay, random);
    let asked = asked(snapshot.failure).unwrap_or(Duration::ZERO);
    let longest = longest(rules, snapshot.failure);
    let wait = computed.max(asked).min(longest).min(left);
    let begins = wait.max(asked);
    if snapshot.remaining.is_some_and(|remaining| begins >= remaining) {
        return Err(GiveUp::Deadline);
    }
    if wait < asked && snapshot.kind() == Kind::Quota {
        return Err(if snapshot.failure.code == Code::ShedBreaker {
            GiveUp::BreakerOpen
        } else if asked > longest {
            GiveUp::Deadline
        } else {
            GiveUp::Elapsed
        });
    }
    Ok(wait)
}

/// The longest wait that is allowed. `smart` goes by less in what it computes;
/// what a service asks for is known to be of use.
fn longest(rules: &RetryRules, failure: &Failure) -> Duration {
    let rule = rules.rule_for(failure);
    rule.and_then(|rule| rule.max_delay).unwrap_or(rules.max_delay)
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
        Kind::Quota if asked(failure).is_none() && failure.code == Code::ShedBreaker => {
            return Err(GiveUp::BreakerOpen);
        }
        Kind::Quota if asked(failure).is_none() => return Err(GiveUp::NonRetryable),
        _ => {}
    }
    match failure.retryable {
        Some(false) => Err(GiveUp::NonRetryable),
        None if !snapshot.idempotent => Err(GiveUp::NotIdempotent),
        _ => Ok(()),
    }
}

/// The least wait that the failure asks for (an upstream's `Retry-After`).
fn asked(failure: &Failure) -> Option<Duration> {
    failure.retry_after_ms.map(Duration::from_millis)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_rules;
