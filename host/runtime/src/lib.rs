//! Runs WebAssembly: plugins are compiled, checked and run, one attempt at a time, each in a
//! sandbox of its own. The only crate that knows the WebAssembly runtime.
//!
//! ```text
//! file -> engine: pre-scan, compile in a child, cache, load
//!           |
//!         plugin: does it fit the contract? what does it say of itself?
//!           |
//!         sandbox: one attempt -- wasi:http --> gateway: grant, breaker, places, quotas
//!           |                                      |
//!           |                                      +--> `fusebox-upstream`
//!         an output, or one classified failure
//!
//! policies: a question -> a policy component -> an answer, clamped to the rules
//! ```
//!
//! Each module uses only modules that are listed before it.
//!
//! | module | contents |
//! |---|---|
//! | [`engine`] | components: pre-scanned, compiled in a child, cached, loaded |
//! | [`cancellation`] | who was told to stop |
//! | [`policy_memory`] | what a policy component keeps between two decisions |
//! | `attempt_clock` | the clock of an attempt's deadline, which stands in the host's queues |
//! | [`breakers`] | the breakers of agents, upstreams and services, by name |
//! | [`gateway`] | the way of guests to upstreams |
//! | [`sandbox`] | one attempt in a store that lives and dies there |
//! | [`plugin`] | files that are checked, asked what they are, and ready to run |
//! | [`policies`] | policy components asked, all kinds in one way |

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

mod attempt_clock;
pub mod breakers;
pub mod cancellation;
pub mod engine;
pub mod gateway;
pub mod plugin;
pub mod policies;
pub mod policy_memory;
pub mod sandbox;
