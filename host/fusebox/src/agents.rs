//! The agents of a configuration, each ready to run: its plugin loaded, its policies,
//! secrets, folders and upstreams at hand.

mod agent;
mod load_error;
mod own_files;
mod policies;
mod registry;
mod upstreams;

pub use agent::{Agent, Instance};
pub use load_error::LoadError;
pub use registry::Registry;
