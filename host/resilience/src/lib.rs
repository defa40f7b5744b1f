//! Decisions about failures. The crate is pure: each decision is a function of its
//! arguments; nothing here reads a clock, sleeps, or draws a random number of its own.
//! Only the feature `retrier` waits.
//!
//! ```text
//!                    rules, time and random numbers: arguments of every call
//!                                          |
//! isolation: an instance -> breaker: a permit -> (the caller runs an attempt)
//!    ^                    ^                                |
//!    +--------------------+------- the result is counted --+
//!                                                          | failure
//!                                       decide(RetryRules, Snapshot)
//!                       Again(wait)        |              |        GiveUp
//!    FairBudget pays, the caller waits  <--+              +-->  degradation: fallbacks, in order
//! ```
//!
//! | module | what it decides |
//! |---|---|
//! | [`decide`], [`RetryRules`] | whether a failed task runs again, and when |
//! | [`RetryState`] | the same step by step: decided, charged, counted |
//! | [`FairBudget`], [`BudgetRules`] | how many retries there may be together |
//! | [`breaker`] | whether a call may pass |
//! | [`in_flight`] | how many requests may be in flight, and whose is next |
//! | [`isolation`] | which instance of a pool runs a task, and which is quarantined |
//! | [`degradation`] | which fallbacks a task without a result has, and in which order |
//! | [`standing`] | which causes, such as a wrong key, are not asked for again |
//! | [`patterns`] | whether failures come in bursts, periodically, or at random |
//!
//! Features: `schema` adds the JSON Schemas of the rules; `retrier` applies the same
//! decisions to a program's own operations, on tokio.

#![warn(missing_docs)]

#[cfg(test)]
pub(crate) mod arbitrary;
mod both_clocks;
pub mod breaker;
mod budget;
mod clock;
mod counts;
pub mod degradation;
pub mod in_flight;
pub mod isolation;
mod jitter;
pub mod outage;
pub mod patterns;
#[cfg(feature = "retrier")]
pub mod retrier;
mod retry;
mod rng;
pub mod standing;
mod time_window;
pub mod track_record;

pub use budget::{Allowance, BudgetRules, Charge, FairBudget, MOST_SAVED, RetryBudget};
pub use retry::{
    Answer, Budgets, CodePattern, Facts, GiveUp, InvalidDecision, Jitter, Meanings, RetryRule, RetryRules,
    RetryState, RetryWhen, Snapshot, Strategy, Verdict, binding, clamp, decide, delay, effective, hard_stop,
};
pub use rng::random;
