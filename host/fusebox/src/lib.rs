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
//! config -> agents: plugins, checked, compiled and loaded
//! board or session file -> session: a graph of tasks; its scheduler says which is next
//!                             |
//!  +-> pools: an instance -> breakers: a permit -> sandbox: one attempt -> gateway -> upstream
//!  |                                                  |
//!  |                                      an output, or a classified failure
//!  |                                                  |
//!  +-- again, after a wait <-- policies or resilience decide --> fallbacks, the task's end
//!                                                     |
//!  event -> archive: the journal first -> readers: recorder (report), control, notices
//!                                                     |
//!                                       board: results in their places
//! ```
//!
//! Each module uses only modules that are listed before it. A test refuses circles.
//!
//! | module | contents |
//! |---|---|
//! | [`sleeper`] | the one way to wait, handed in |
//! | [`config`] | the configuration as values, without illegal states |
//! | [`agents`] | the agents of a configuration: plugin, policies, secrets, folders and upstreams ready |
//! | [`pools`] | the instances of agents: which is next, which is out, how they do |
//! | [`session`] | a graph of tasks, run in parallel |
//! | [`board`] | JSON Canvas to tasks, and results to nodes, without loss |
//! | [`report`] | events to report, results and log |
//! | [`control`] | events to a status; queries and orders from other processes |
//! | [`archive`] | a session with its journal, and its continuation after a stop |
//! | [`degradation`] | the usable results of a session with failures, and what can be done |
//! | [`simulation`] | tests of policies without a session |
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
//! | `fusebox-secrets` | secrets, kept out of all that leaves the host |
//! | `fusebox-upstream` | [`upstream`]: outside services: where they are, what may be asked, what answers mean |
//! | `fusebox-yaml` | YAML that means one thing only, with the place of everything in it |
//! | `fusebox-canvas` | JSON Canvas, read and changed without loss |
//! | `fusebox-store` | what is kept on the disk: the [`journal`] and the output of a session, and the [`state`] that outlives sessions |
//! | `fusebox-events` | [`event`]: what can happen in a session, as data, and how far it is; views of breakers and instances |
//! | `fusebox-runtime` | WebAssembly: [`engine`], [`plugin`], sandboxes, [`breakers`], policy components, the way to upstreams |
//!
//! Above it are `fusebox-config`, which reads configuration files, and the program,
//! `fusebox-cli`. Only `fusebox-runtime` uses the WebAssembly runtime, and only its
//! `engine/load.rs` has `unsafe` code.
//!
//! Feature: `schema` adds the JSON Schemas of the configuration and the report.

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod agents;
pub mod archive;
pub mod board;
pub mod config;
pub mod control;
pub mod degradation;
mod host;
pub mod notices;
pub mod pools;
pub mod recorder;
pub mod report;
pub mod session;
pub mod simulation;
pub mod sleeper;

pub use fusebox_events as event;
pub use fusebox_resilience as resilience;
pub use fusebox_resilience::retrier;
pub use fusebox_runtime::cancellation::Cancellation;
pub use fusebox_runtime::sandbox::{FileGrant, GrantError, Grants, Limits, ScratchGrant};
pub use fusebox_runtime::{breakers, engine, plugin};
pub use fusebox_secrets::{Unhidden, Vault};
pub use fusebox_store::{journal, state};
pub use fusebox_types::{
    Counts, InstanceId, Level, Line, Lines, Output, SessionStatus, TaskIndex, TaskStatus, Usage, digest,
    failure,
};
pub use fusebox_upstream as upstream;
pub use host::{Handle, Host, Launch, Reloader, Running, UnknownTask};
