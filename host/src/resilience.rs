//! What the host decides about failures. Pure: each decision is a function of
//! what is handed in; nothing here reads a clock, sleeps, or draws a random
//! number of its own.

mod backoff;
mod retry;

pub use backoff::delay;
pub use retry::{GiveUp, Verdict, decide};
