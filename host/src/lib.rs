#![doc = "wip"]
mod bindings;
pub mod board;
pub mod command;
pub mod config;
pub mod digest;
pub mod engine;
pub mod event;
pub mod failure;
mod host;
pub mod plugin;
pub mod report;
pub mod resilience;
mod sandbox;
pub mod session;
pub use host::{Host, Running};
pub use sandbox::{Level, Line, Lines, Usage};
