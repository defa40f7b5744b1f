//! Runs WebAssembly: components are compiled and loaded, checked, and run one attempt at a
//! time, each in a sandbox of its own. The only crate that knows the WebAssembly runtime.

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod breakers;
pub mod cancellation;
pub mod engine;
pub mod gateway;
pub mod plugin;
pub mod policies;
pub mod policy_memory;
pub mod sandbox;
