//! Write policies: what the host decides after a failure, as a plugin.
//!
//! A retry policy is a type, a trait and one macro as well:
//!
//! ```
#![doc = include_str!("../examples/steady.rs")]
//! ```
//!
//! It is built as an agent is. A policy is one pure function: it imports
//! nothing but types, each decision runs in a fresh instance, and equal input gives equal
//! output. Everything that there is to know is in its snapshot; what is to be
//! known the next time goes into its memory. What it answers is held within the
//! host's bounds. If it panics, the built-in policy decides.
//!
//! | the kind | decides | when |
//! |---|---|---|
//! | [`retry`] | whether a failed task runs again, and when | an attempt has failed |
//! | [`breaker`] | whether a breaker opens, stays as it is or closes | a call has ended |
//! | [`isolation`] | whether an instance leaves its pool for a while | an instance has failed |
//! | [`degradation`] | what a task comes to | its retries have ended without a result |
//!
//! With settings and a memory:
//!
//! ```
#![doc = include_str!("../examples/patience.rs")]
//! ```

#[doc(hidden)]
pub mod bindings;
pub mod breaker;
mod context;
pub mod degradation;
mod export;
mod failure;
pub mod isolation;
mod memory;
pub mod retry;
mod settings_error;
mod span;
mod undecided;
mod verdict;

pub use crate::{Category, Severity};
pub use bindings::types::fusebox::policy::types::Blame;
pub use context::Context;
pub use failure::Failure;
pub use memory::MEMORY_BYTES;
pub use settings_error::SettingsError;
pub use undecided::Undecided;
pub use verdict::Verdict;
