//! What the host decides about failures. Pure: each decision is a function of
//! what is handed in; nothing here reads a clock, sleeps, or draws a random
//! number of its own.

#[cfg(test)]
pub(crate) mod arbitrary;
mod backoff;
pub mod breaker;
mod budget;
mod chance;
mod clock;
mod counts;
pub mod degradation;
pub mod isolation;
mod moment;
pub mod patterns;
mod retry;
mod spread;
mod time_window;

pub use backoff::delay;
pub use budget::{Charge, FairBudget, MOST_SAVED, RetryBudget};
pub use chance::random;
pub use retry::{
    Answer, GiveUp, MAX_MEMORY, Nonsense, Snapshot, Verdict, binding, decide, effective, forbidden, hold,
};
