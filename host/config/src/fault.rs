//! What is wrong with a configuration: all of it, each with its place.

use std::fmt;
use std::path::PathBuf;

use super::origin::Origin;
use fusebox_types::failure::printable;
use fusebox_yaml::KeyPath;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Something is not as it has to be.
    #[error("{0}")]
    Invalid(Faults),
}

/// Everything that is wrong; at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub(super) Vec<Fault>);

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: a file with line and column, a variable, an argument.
    pub origin: Origin,
    /// The key; none if the text as a whole is meant.
    pub key: Option<KeyPath>,
    /// What is wrong, what is expected, and what may have been meant.
    pub message: String,
}

impl Faults {
    /// All of them, in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }

    /// Sorted by place, each once.
    pub(super) fn of(mut faults: Vec<Fault>) -> Self {
        faults.sort_by(|one, other| (&one.origin, &one.key).cmp(&(&other.origin, &other.key)));
        faults.dedup();
        Self(faults)
    }
}

impl From<Faults> for ConfigError {
    fn from(faults: Faults) -> Self {
        ConfigError::Invalid(faults)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        // Keys and messages hold what a file says.
        if let Some(key) = &self.key {
            write!(f, "`{}`: ", printable(&key.to_string()))?;
        }
        f.write_str(&printable(&self.message))
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("the configuration has a fault")?,
            count => write!(f, "the configuration has {count} faults")?,
        }
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}
