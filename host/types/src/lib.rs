//! The values that all crates of Fusebox share. Nothing here reads a file, a clock or
//! the network, and nothing here makes a decision.
//!
//! ```text
//! one attempt:  Output   or   Failure { Code, message, .. }
//!               Usage             |
//!               Lines             +- Code::row     category, severity, blame, retryable
//!                 |               +- Code::advice  what a person can do
//!                 v
//! one task:     TaskStatus -> Counts -> SessionStatus   (one session)
//! ```
//!
//! | module | contents |
//! |---|---|
//! | [`failure`] | failure codes, with category, blame and advice |
//! | [`digest`] | SHA-256, by which the report and the artefact cache identify contents |
//! | [`units`] | durations, sizes and rates, as people write them |
//!
//! The crate's root has the ids of tasks and instances, the statuses of tasks and
//! sessions, and an attempt's usage, log lines and output.
//!
//! Features: `digest` computes digests; `schema` adds the JSON Schemas of the types
//! that are written to files.

#![warn(missing_docs)]

pub mod digest;
pub mod failure;
mod ids;
mod lines;
mod output;
mod status;
pub mod units;
mod usage;

pub use ids::{InstanceId, TaskIndex};
pub use lines::{Level, Line, Lines};
pub use output::Output;
pub use status::{Counts, SessionStatus, TaskStatus};
pub use usage::Usage;
