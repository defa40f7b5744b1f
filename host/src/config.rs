//! Configuration: YAML as written, in layers, turned into a type without
//! illegal states.
//!
//! Three layers, the closest wins key by key: `defaults` for all, then
//! `agents.<name>`, then `agents.<name>.instances.<id>`.

mod agents;
mod boards;
mod checked;
mod error;
mod layers;
mod limits;
mod schema;
mod units;
mod yaml;

pub use agents::{Agent, Instance};
pub use boards::{BoardRules, BoardStyle, Rule, When};
pub(crate) use checked::MAX_PARALLEL;
pub use checked::{Config, SessionRules};
pub use error::ConfigError;
pub(crate) use layers::settings_under;
pub use limits::{Limits, RetryLimits};
pub(crate) use yaml::{YamlError, from_yaml};

use std::path::{Path, PathBuf};

/// Where the configuration is looked for, in this order, when none is named:
/// `fusebox.yaml`, then `config/fusebox.yaml` in the working directory, then
/// the user's configuration folder.
pub fn find() -> Option<PathBuf> {
    let home = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".config")));
    ["fusebox.yaml", "config/fusebox.yaml"]
        .into_iter()
        .map(PathBuf::from)
        .chain(home.map(|dir| dir.join("fusebox/fusebox.yaml")))
        .find(|path| path.is_file())
}

/// Reads a configuration file.
///
/// # Errors
/// If it cannot be read, or anything in it is not as it has to be. The error
/// names the file, the place and the fault.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    let base = path.parent().unwrap_or(Path::new("."));
    parse(&text, base).map_err(|fault| ConfigError::Invalid {
        path: path.to_owned(),
        fault: Box::new(fault),
    })
}

/// Reads a configuration from a text. Relative paths in it start at `base`.
///
/// # Errors
/// As [`load`].
pub fn parse(text: &str, base: &Path) -> Result<Config, ConfigError> {
    // A file with nothing in it, or only comments, is a whole configuration.
    let written: Option<schema::ConfigFile> = from_yaml(text)?;
    checked::check(written.unwrap_or_default(), base)
}
