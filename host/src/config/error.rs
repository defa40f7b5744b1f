//! A configuration that cannot be used, and where it is wrong.

use std::path::PathBuf;

use super::yaml::YamlError;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Something in the file is not as it has to be.
    #[error("the configuration {}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        fault: Box<ConfigError>,
    },
    /// It is not the YAML that was expected.
    #[error(transparent)]
    Yaml(#[from] YamlError),
    /// A value is out of its range, or contradicts another.
    #[error("`{key}`: {message}")]
    Value {
        /// The key's path.
        key: String,
        /// What is wrong with it and what is expected.
        message: String,
    },
}

/// A fault in the value of a key.
pub(super) fn value(key: impl Into<String>, message: impl Into<String>) -> ConfigError {
    ConfigError::Value {
        key: key.into(),
        message: message.into(),
    }
}
