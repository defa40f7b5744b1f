//! Plugins: files that are checked, asked what they are, and ready to run.

mod any_policy;
mod descriptor;
mod error;
mod extension;
mod file;
mod inspect;
mod loader;
mod policy;
mod schema;
mod world;

pub use any_policy::{AnyPolicy, OfKind};
pub use descriptor::{About, Check};
pub use error::PluginError;
pub use extension::Extension;
pub use inspect::{Inspection, Kind, inspect};
pub use loader::{Loader, Prepared};
pub use policy::{Policy, PolicyLoader, PolicyUse};
pub use schema::Misfit;
