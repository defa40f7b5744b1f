//! Fusebox: a WebAssembly host that runs untrusted agent plugins in parallel
//! and keeps what worked when some of them fail.
//!
//! ```no_run
#![doc = include_str!("../examples/embed.rs")]
//! ```
//!
//! # The way of the data
//!
//! ```text
//! config  ->  plugin  ->  engine  ->  session (board or file)  ->  scheduler
//!                                                                     |
//!        fresh sandbox: one attempt  <-  permit: instance, limits  <--+
//!               |
//!        output or failure  ->  classify  ->  resilience decides: again | give up
//!                                                   |
//!                                 events  ->  report, board, log, progress
//! ```
//!
//! Each room hands on a finished type and never looks back.
//!
//! | room | what it makes |
//! |---|---|
//! | [`failure`] | a code, its class, its blame, and what to do |
//! | [`event`] | what can happen, as data: the only way out of a session |
//! | [`config`] | YAML in three layers to a type without illegal states |
//! | [`resilience`] | decisions: pure functions, without clock or chance of their own |
//! | [`retrier`] | the same decisions for an embedder's own operations |
//! | `policies` | policy components asked, and what stands against them |
//! | [`circuits`] | the breakers of agents, upstreams and services, by name |
//! | [`pools`] | the instances of agents: which is next, which is out, how they do |
//! | [`upstream`] | outside services: where they are, what may be asked, what answers mean |
//! | [`engine`] | components: pre-scanned, compiled in a child, cached, loaded |
//! | [`plugin`] | agents: checked, asked what they are, ready |
//! | [`journal`] | what happened, on the disk before anybody is told |
//! | [`keeper`] | a session kept by its journal, and gone on with |
//! | [`state`] | what outlives a session, shared by processes |
//! | `gateway` | the way of guests to upstreams: grants, circuit, places, quotas |
//! | `redaction` | secrets, kept out of all that leaves the host |
//! | `sandbox` | one attempt in a store that lives and dies there |
//! | [`sleeper`] | the one way to wait, handed in |
//! | [`session`] | a graph of tasks, run in parallel |
//! | [`board`] | JSON Canvas to tasks, and results to nodes, without loss |
//! | [`report`] | events to report, results and log |
//! | [`degradation`] | what is left of a session in which something failed, and what can be done |
//! | [`notices`] | events to what a person is told: terminal, log, webhooks, commands |
//! | [`rehearsal`] | policies tried without a session |
//! | [`control`] | events to status; a live session asked and cancelled from elsewhere |
//! | [`command`] | the program's commands |
//!
//! Only `engine`, `bindings`, `plugin` and `sandbox` know the WebAssembly
//! runtime. Nothing but `engine/load.rs` is `unsafe`.

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod board;
mod cancellation;
pub mod circuits;
pub mod config;
pub mod control;
pub mod degradation;

pub mod engine;
pub mod event;

mod gateway;
mod host;
pub mod keeper;
pub mod notices;
pub mod plugin;
mod policies;
mod policy_memory;
pub mod pools;
pub mod recorder;
pub mod rehearsal;
pub mod report;
pub mod retrier;
mod sandbox;
pub mod session;
pub mod sleeper;
pub mod state;

pub use cancellation::Cancellation;
pub use fusebox_resilience as resilience;
pub use fusebox_secrets::{Unhidden, Vault};
pub use fusebox_store::journal;
pub use fusebox_types::{
    Counts, InstanceId, Level, Line, Lines, Output, SessionStatus, TaskIndex, TaskStatus, Usage, digest,
    failure,
};
pub use fusebox_upstream as upstream;
pub use host::{Follower, Handle, Host, Launch, Running, UnknownTask};
pub use sandbox::{FileGrant, GrantError, Grants, Limits, ScratchGrant};
