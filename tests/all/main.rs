//! Everything that holds, through the public command and the library: one
//! binary, a module a matter. Plugins are built artefacts (`make plugins`).

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
