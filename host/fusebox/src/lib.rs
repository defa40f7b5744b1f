//! Fusebox: a WebAssembly host that runs untrusted agent plugins in parallel
//! and keeps what worked when some of them fail.
//!
//! ```no_run
#![doc = include_str!("../examples/embed.rs")]
//! ```
//!
//! # The flow of a session
//!
//! ```text
//! config -> plugin -> engine                      agents, checked, compiled and loaded
//! board or session file -> session: a graph of tasks; its scheduler says which is next
//!                             |
//!  +-> pools: an instance -> circuits: a permit -> sandbox: one attempt -> gateway -> upstream
//!  |                                                  |
//!  |                                      an output, or a classified failure
//!  |                                                  |
//!  +-- again, after a wait <-- policies or resilience decide --> fallbacks, the task's end
//!                                                     |
//!  event -> keeper: the journal first -> readers: recorder (report), control, notices
//!                                                     |
//!                                       board: results in their places
//! ```
//!
//! Each module uses only modules that are listed before it. A test refuses circles.
//!
//! | module | contents |
//! |---|---|
//! | [`event`] | everything that a session reports, as data; views of circuits and instances |
//! | [`state`] | data that outlives a session and is shared by processes |
//! | [`engine`] | components: pre-scanned, compiled in a child process, cached, loaded |
//! | [`sleeper`] | waiting, as a value that callers pass in |
//! | `cancellation` | the cancellation of a session and of single tasks |
//! | `policy_memory` | the memory and the strikes of a policy component |
//! | [`circuits`] | the breakers of agents, upstreams and services, by name |
//! | `gateway` | a guest's way to an upstream: grants, circuit, places, quotas |
//! | `sandbox` | one attempt, in a store of its own |
//! | [`config`] | YAML in three layers, checked and turned into types |
//! | [`plugin`] | agents and policies, built, checked and loaded |
//! | `policies` | policy components: their inputs, and the checks of their answers |
//! | [`pools`] | the instances of agents: the next one, quarantines, health |
//! | [`session`] | a graph of tasks, run in parallel |
//! | [`board`] | JSON Canvas to tasks, and results to nodes, without loss |
//! | [`report`] | events to report, results and log |
//! | [`control`] | events to a status; queries and orders from other processes |
//! | [`keeper`] | a session with its journal, and its continuation after a stop |
//! | [`degradation`] | the usable results of a session with failures, and what can be done |
//! | [`rehearsal`] | tests of policies without a session |
//! | `host` | the parts put together: the API that an embedder starts with |
//! | [`recorder`] | a running session, written to report, results and log |
//! | [`notices`] | events to notices for people: terminal, log, webhooks, commands |
//!
//! Below this crate are others, so that no dependency can lead back:
//!
//! | crate | contents |
//! |---|---|
//! | `fusebox-types` | shared values: [`failure`], [`digest`], ids, statuses, units |
//! | `fusebox-resilience` | [`resilience`]: decisions as pure functions and state machines, with their rules; [`retrier`]: the same for an embedder's own operations |
//! | `fusebox-system` | regular files, durable writes, JSON that misleads nobody, the time |
//! | `fusebox-secrets` | secrets, and their removal from everything that leaves the host |
//! | `fusebox-store` | the [`journal`]: events, durable before they are reported |
//! | `fusebox-upstream` | [`upstream`]: outside services, their limits, and the meaning of their answers |
//!
//! The program, `fusebox-cli`, uses this library. Only `engine`, `plugin` and `sandbox`
//! use the WebAssembly runtime. The only `unsafe` code is in `engine/load.rs`.

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
mod sandbox;
pub mod session;
pub mod sleeper;
pub mod state;

pub use cancellation::Cancellation;
pub use fusebox_resilience as resilience;
pub use fusebox_resilience::retrier;
pub use fusebox_secrets::{Unhidden, Vault};
pub use fusebox_store::journal;
pub use fusebox_types::{
    Counts, InstanceId, Level, Line, Lines, Output, SessionStatus, TaskIndex, TaskStatus, Usage, digest,
    failure,
};
pub use fusebox_upstream as upstream;
pub use host::{Follower, Handle, Host, Launch, Running, UnknownTask};
pub use sandbox::{FileGrant, GrantError, Grants, Limits, ScratchGrant};
