//! Everything that holds, through the public command and the library: one
//! binary, a module a matter. Plugins are built artefacts (`make plugins`).

// A test that meets what it did not expect has failed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod boards;
mod cancel;
mod demo;
mod embedding;
mod hostile_guests;
mod hostile_ids;
mod limits;
mod parallel;
mod refusals;
mod report_schema;
mod scale;
mod support;
