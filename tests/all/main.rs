//! Everything that holds, through the public command and the library: one
//! binary, a module for each subject. `support` builds the plugins that they run.

// A test that meets what it did not expect has failed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
// The program's times are held against a clock that is not its own.
#![allow(clippy::disallowed_methods)]

mod alike;
mod asked_waits;
mod beside;
mod blame;
mod boards;
mod breaker_command;
mod budget;
mod cached;
mod cancel;
mod circuits;
mod clocks;
mod config_command;
mod control;
mod control_library;
mod degradation;
mod degradation_library;
mod degradation_policies;
mod demo;
mod embedding;
mod every_code;
mod explain;
mod extensions;
mod files;
mod grants;
mod guest;
mod handed_in;
mod held;
mod hostile_account;
mod hostile_files;
mod hostile_guests;
mod hostile_ids;
mod hostile_loads;
mod hostile_policies;
mod hostile_schemas;
mod hostile_secrets;
mod hostile_tools;
mod idempotency_keys;
mod inner_retries;
mod invalid_config;
mod kept_circuits;
mod kept_quarantines;
mod layers;
mod limits;
mod loading;
mod notices;
mod odd_answers;
mod other_contract;
mod parallel;
mod played_api;
mod policies;
mod pools;
mod propagation;
mod quarantine;
mod redaction;
mod reference_config;
mod refusals;
mod reload;
mod report_schema;
mod resident;
mod resume;
mod retry_rules;
mod scale;
mod seeded;
mod standing;
mod support;
mod transport;
mod upstreams;
mod words;
