//! Plugins: found, checked, asked what they are, and made ready to run.

mod agent;
#[allow(clippy::disallowed_methods, reason = "what cargo has just built")]
pub mod build;
mod descriptor;
mod extension;
mod inspect;
mod load_error;
mod own_files;
mod policy;
mod policy_file;
mod registry;
mod schema;
mod services;
mod world;

pub use agent::{Agent, Instance};
pub use descriptor::About;
pub(crate) use descriptor::Check;
pub use extension::Extension;
pub use inspect::{Inspection, Kind, inspect};
pub use load_error::LoadError;
pub(crate) use policy::PolicyUse;
pub(crate) use policy_file::OfKind;
pub use policy_file::Policy;
pub use registry::Registry;
pub(crate) use schema::Misfit;

use std::io::Read;
use std::path::Path;

use crate::engine::{Measure, PluginFault};

/// Reads a plugin's file, up to the size that the host takes.
pub(crate) fn read_file(path: &Path, limit: u64) -> std::io::Result<Result<Vec<u8>, PluginFault>> {
    let file = fusebox_system::regular::open(path)?;
    let found = file.metadata()?.len();
    if found > limit {
        return Ok(Err(PluginFault::TooLarge {
            what: Measure::File,
            found,
            limit,
        }));
    }
    let mut bytes = Vec::new();
    // It may grow meanwhile; what is over the limit is refused by the engine.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Ok(bytes))
}
