//! Where something of a configuration was said.

use std::fmt;

use fusebox_yaml::Place;

/// Where something was said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// A file's path, or `--set KEY`, or the name of an environment variable.
    pub source: String,
    /// Where in the file.
    pub place: Option<Place>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&fusebox_types::failure::printable(&self.source))?;
        match self.place {
            Some(at) => write!(f, ":{}:{}", at.line, at.column),
            None => Ok(()),
        }
    }
}
