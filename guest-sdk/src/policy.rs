//! Write policies: what the host decides after a failure, as a plugin.
//!
//! A retry policy is a type, a trait and one macro as well:
//!
//! ```
#![doc = include_str!("../examples/steady.rs")]
//! ```
//!
//! It is built as an agent is. A policy is one pure function: it imports
//! nothing, each decision runs in a fresh instance, and equal input gives equal
//! output. Everything that there is to know is in the [`Snapshot`](retry::Snapshot);
//! what is to be known the next time goes into its memory. What it answers is
//! held within the host's ceilings. If it panics, the built-in policy decides.
//!
//! With settings and a memory:
//!
//! ```
#![doc = include_str!("../examples/patience.rs")]
//! ```

#[doc(hidden)]
pub mod bindings;
mod failure;
pub mod retry;

pub use bindings::exports::fusebox::agent::types::{Category, Severity};
pub use bindings::exports::fusebox::policy::types::Blame;
pub use failure::Failure;

/// How many bytes of memory the host keeps for a policy and an agent.
pub const MEMORY_BYTES: usize = 4096;
