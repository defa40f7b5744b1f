//! The values that all of Fusebox speaks of. Nothing here reads a file, a clock or
//! the network, and nothing here decides anything.
//!
//! | module | what it has |
//! |---|---|
//! | [`failure`] | a code, its class, its blame, and what to do |
//! | [`digest`] | SHA-256, as the report and the artefact cache name contents |
//! | [`units`] | durations, sizes and rates, as people write them |
//!
//! Beside them the ids of tasks and instances, what tasks and sessions come to, what
//! an attempt used and said, and its result.
//!
//! Features: `digest` computes digests; `schema` adds the JSON Schemas of what is
//! written down.

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
