//! Which paths of an upstream may be called.

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
const PATTERN: &str = r"^/([^\s?#*\\]*|([^\s?#*\\]*/)?\*)$";

/// A path, or with `/*` at its end everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct PathPattern(
    #[cfg_attr(feature = "schema", schemars(regex(pattern = PATTERN), length(min = 1, max = 1024), extend("x-expected" = "a path such as `/v1/models`, or `/v1/*` for all below it")))]
     String,
);

impl PathPattern {
    /// A pattern as it is written.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether a path is meant. Compared as it stands, whole segments only:
    /// `/v1/*` takes `/v1/` and `/v1/a/b`, and neither `/v1` nor `/v1x`.
    pub fn fits(&self, path: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(beginning) => path.starts_with(beginning),
            None => path == self.0,
        }
    }

    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_whole_segments() {
        let below = PathPattern::new("/v1/*");
        for (path, fits) in [
            ("/v1/a", true),
            ("/v1/", true),
            ("/v1", false),
            ("/v1x/a", false),
            ("/V1/a", false),
        ] {
            assert_eq!(below.fits(path), fits, "{path}");
        }
        assert!(PathPattern::new("/*").fits("/"));
        assert!(PathPattern::new("/v1").fits("/v1"));
        assert!(!PathPattern::new("/v1").fits("/v1/"));
    }
}
