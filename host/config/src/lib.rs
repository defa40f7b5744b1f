//! Configuration: YAML as written, in layers, turned into a type without
//! illegal states, [`Config`].
//!
//! ```text
//! files, environment, --set        sources, document (and `fusebox-yaml`)
//!        |
//!     Written: documents laid over each other, every place known: written
//!        |      schema (the types), vocabulary (their JSON Schema, to be searched), validate
//!     three layers laid over each other: layers
//!        |      contradictions
//!     Config: checked                  explain, changes, watch: about it
//! ```
//!
//! Three layers, the closest wins key by key: `defaults` for all, then
//! `agents.<name>` or `upstreams.<name>`, then `agents.<name>.instances.<id>`.
//! The types of the sections say everything once: the key, what it means, its
//! default and why, its range. The JSON Schema, `explain`, the messages and
//! the values themselves are made of them.

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

mod changes;
mod checked;
mod contradictions;
mod document;
mod explain;
mod fault;
mod follow;
mod layers;
mod origin;
mod schema;
mod session;
mod sources;
mod validate;
mod vocabulary;
mod watch;
mod written;

pub use explain::{Explanation, Said};
pub use fault::{ConfigError, Fault, Faults};
pub use follow::{Follower, follow};
pub use fusebox_yaml::{KeyPath, Place, Step, YamlError};
pub use origin::Origin;
pub use session::open_degradation;
pub use sources::Sources;
pub use watch::{LOOK_EVERY, Watch};

use std::path::{Path, PathBuf};

use document::Document;
use fusebox::config::Config;
use written::Written;

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

/// A configuration, and where everything in it comes from.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration itself.
    pub config: Config,
    written: Written,
}

impl Loaded {
    /// What there is to say of a key, or of each key below it.
    ///
    /// # Errors
    /// If there is no such key, agent or instance; the message names the
    /// nearest.
    pub fn explain(&self, key: &KeyPath) -> Result<Vec<Explanation>, String> {
        explain::explain(&self.written, &layers::resolve(&self.written.value), key)
    }

    /// Whether the same holds as under another configuration.
    pub fn is_same_as(&self, other: &Loaded) -> bool {
        self.config == other.config
    }

    /// What became of another configuration: a line for each key whose value is
    /// another one in this.
    pub fn changes_since(&self, before: &Loaded) -> Vec<String> {
        let [before, after] = [before, self].map(|loaded| layers::resolve(&loaded.written.value));
        changes::changes(&before, &after)
    }
}

impl Sources {
    /// Reads everything and lays it over each other.
    ///
    /// # Errors
    /// If a file cannot be read, or anything is not as it has to be: all of
    /// it, each with its place.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        let written = self.read()?;
        let mut config = checked::check(&written)?;
        config.files = self.files.clone();
        Ok(Loaded { config, written })
    }
}

/// Reads a configuration file.
///
/// # Errors
/// As [`Sources::load`].
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    Ok(Sources::of_files(vec![path.to_owned()]).load()?.config)
}

/// Reads a configuration from a text. Relative paths in it start at `base`.
///
/// # Errors
/// As [`Sources::load`].
pub fn parse(text: &str, base: &Path) -> Result<Config, ConfigError> {
    let document = Document::parse("configuration".into(), base.to_owned(), text);
    Ok(checked::check(&Written::new(vec![document]))?)
}

/// The JSON Schema of the configuration, for editors.
pub fn schema() -> &'static serde_json::Value {
    vocabulary::Vocabulary::get().schema()
}
