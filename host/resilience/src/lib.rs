//! What the host decides about failures. Pure: each decision is a function of
//! what is handed in; nothing here reads a clock, sleeps, or draws a random
//! number of its own.
//!
//! | module | what it decides |
//! |---|---|
//! | [`decide`], [`RetryRules`] | whether a failed task runs again, and when |
//! | [`RetryState`] | the same step by step: decided, charged, counted |
//! | [`FairBudget`], [`BudgetRules`] | how many retries there may be together |
//! | [`breaker`] | whether a call may pass |
//! | [`isolation`] | which instance of a pool runs a task, and which is out |
//! | [`degradation`] | what a task without a result comes to |
//! | [`patterns`] | whether failures come in bursts, in a rhythm, or at random |
//!
//! Features: `schema` adds the JSON Schemas of the rules; `retrier` the same decisions for
//! operations of a program of one's own, on tokio.

#![warn(missing_docs)]

#[cfg(test)]
pub(crate) mod arbitrary;
pub mod breaker;
mod budget;
mod chance;
mod clock;
mod counts;
pub mod degradation;
pub mod isolation;
mod moment;
pub mod patterns;
#[cfg(feature = "retrier")]
pub mod retrier;
mod retry;
mod spread;
mod time_window;

pub use budget::{Allowance, BudgetRules, Charge, FairBudget, MOST_SAVED, RetryBudget};
pub use chance::random;
pub use retry::{
    Answer, Budgets, CodePattern, Facts, GiveUp, InvalidDecision, Jitter, Meanings, RetryRule, RetryRules,
    RetryState, RetryWhen, Snapshot, Strategy, Verdict, binding, clamp, decide, delay, effective, hard_stop,
};
