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
//! Each module hands on a finished type and uses only those below it; a test computes
//! that. The lowest come first:
//!
//! | module | what it makes |
//! |---|---|
//! | [`event`] | what can happen, as data: the only way out of a session; how far a session is, folded from that; views of circuits and instances |
//! | [`state`] | what outlives a session, shared by processes |
//! | [`engine`] | components: pre-scanned, compiled in a child, cached, loaded |
//! | [`sleeper`] | the one way to wait, handed in |
//! | `cancellation` | who was told to stop |
//! | `policy_memory` | what a policy component keeps between two decisions |
//! | [`circuits`] | the breakers of agents, upstreams and services, by name |
//! | `gateway` | the way of guests to upstreams: grants, circuit, places, quotas |
//! | `sandbox` | one attempt in a store that lives and dies there |
//! | [`config`] | YAML in three layers to a type without illegal states |
//! | [`plugin`] | agents: checked, asked what they are, ready |
//! | `policies` | policy components asked, all kinds in one way |
//! | [`pools`] | the instances of agents: which is next, which is out, how they do |
//! | [`session`] | a graph of tasks, run in parallel |
//! | [`board`] | JSON Canvas to tasks, and results to nodes, without loss |
//! | [`report`] | events to report, results and log |
//! | [`control`] | events to status; a live session asked and cancelled from elsewhere |
//! | [`keeper`] | a session kept by its journal, and gone on with |
//! | [`degradation`] | what is left of a session in which something failed, and what can be done |
//! | [`rehearsal`] | policies tried without a session |
//! | `host` | all of it put together: what an embedder starts |
//! | [`recorder`] | a session followed, and its report, results and log written |
//! | [`notices`] | events to what a person is told: terminal, log, webhooks, commands |
//!
//! Below all of them are crates of their own, so that no arrow can lead back:
//!
//! | crate | what it has |
//! |---|---|
//! | `fusebox-types` | the values that all speak of: [`failure`], [`digest`], ids, statuses, units |
//! | `fusebox-resilience` | [`resilience`]: decisions, as pure functions and state machines, and their rules; [`retrier`]: the same for an embedder's own operations |
//! | `fusebox-system` | regular files, durable writes, JSON that misleads nobody, the time |
//! | `fusebox-secrets` | secrets, kept out of all that leaves the host |
//! | `fusebox-store` | what is kept on the disk: the [`journal`] and the output of a session, and the [`state`] that outlives sessions |
//! | `fusebox-events` | what can happen in a session, as data ([`event`]): the only way out of it; views of circuits and instances |
//! | `fusebox-upstream` | [`upstream`]: outside services: where they are, what may be asked, what answers mean |
//!
//! The program, `fusebox-cli`, stands on top. Only `engine`, `plugin` and `sandbox`
//! know the WebAssembly runtime. Nothing but `engine/load.rs` is `unsafe`.

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod agents;
pub mod board;
pub mod config;
pub mod control;
pub mod degradation;
mod host;
pub mod keeper;
pub mod notices;
pub mod pools;
pub mod recorder;
pub mod rehearsal;
pub mod report;
pub mod session;
pub mod sleeper;

pub use fusebox_events as event;
pub use fusebox_resilience as resilience;
pub use fusebox_resilience::retrier;
pub use fusebox_runtime::cancellation::Cancellation;
pub use fusebox_runtime::sandbox::{FileGrant, GrantError, Grants, Limits, ScratchGrant};
pub use fusebox_runtime::{circuits, engine, plugin};
pub use fusebox_secrets::{Unhidden, Vault};
pub use fusebox_store::journal;
pub use fusebox_store::state;
pub use fusebox_types::{
    Counts, InstanceId, Level, Line, Lines, Output, SessionStatus, TaskIndex, TaskStatus, Usage, digest,
    failure,
};
pub use fusebox_upstream as upstream;
pub use host::{Handle, Host, Launch, Reloader, Running, UnknownTask};
