//! Write Fusebox plugins: a type, a trait and one macro.
//!
//! ```text
//! host -- run(request) --> export_agent! -> Task -> Agent::run -> Output or TaskError --> host
//!                                                       |
//!                        retry, breaker, partial, http, files, log, progress, sleep
//!                                                       |
//!                               imports of the contract and of WASI, served by the host
//!
//! a panic -> its message as a log line -> a trap: the attempt has failed
//! ```
//!
//! This is an agent; [`policy`] shows how to write a policy.
//!
//! ```
#![doc = include_str!("../examples/shout.rs")]
//! ```
//!
//! Build it with `fusebox plugin build`, or with
//! `cargo build --release --target wasm32-wasip2`; the result is one `.wasm`
//! file. Each attempt runs in a fresh instance: no state passes to the next one.
//!
//! # A resilient agent
//!
//! ```
#![doc = include_str!("../examples/patient.rs")]
//! ```
//!
//! | to | use |
//! |---|---|
//! | read the input, the settings, the results of earlier tasks | [`Task`] |
//! | return a result | [`Output`] |
//! | fail with a reason that the host can act on | [`TaskError`] |
//! | retry an inner operation by the host's policy | [`retry`](fn@retry) |
//! | guard a service with a circuit breaker | [`breaker`](fn@breaker) |
//! | save a partial result, in case the rest fails | [`partial`](fn@partial) |
//! | call an upstream over HTTP | [`http`] |
//! | read and write files in granted folders | [`files`] |
//! | write a log line | [`log`] |
//! | say how far the work is | [`progress`](fn@progress) |
//! | say or read what the contract has no field for | [`Descriptor::extension`], [`Task::extension`] |

#![warn(missing_docs)]

mod agent;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod allocator;
pub mod attempt;
#[doc(hidden)]
pub mod bindings;
mod breaker;
mod degradation;
mod error;
pub mod files;
pub mod http;
pub mod log;
mod output;
mod panic;
pub mod policy;
mod progress;
mod retry;
mod task;
mod wait;

pub use agent::{Agent, Descriptor};
pub use breaker::{BreakerError, breaker};
pub use degradation::{fallback, partial};
pub use error::{Category, Severity, TaskError};
pub use output::Output;
pub use progress::progress;
pub use retry::retry;
pub use task::{Completeness, Dependency, Task};
pub use wait::sleep;

/// What a plugin usually needs.
pub mod prelude {
    pub use crate::{Agent, Descriptor, Output, Task, TaskError, export_agent, log};
}

#[doc(hidden)]
pub mod __private {
    pub use crate::agent::{describe, run};
}
