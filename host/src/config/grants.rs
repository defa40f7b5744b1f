//! What a plugin can reach. Nothing, by default.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a plugin can reach. Nothing, by default: an unknown plugin gets no
/// network, no files and no environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Grants {
    /// Environment variables that the plugin sees, with the values given here.
    /// None of the host's own are handed on. They are no secrets: they are shown
    /// as they are.
    pub environment: BTreeMap<String, String>,
    /// Folders that it can read, or write.
    pub files: Vec<FileGrant>,
    /// Upstreams that it can call, by their names.
    pub upstreams: Vec<String>,
}

/// A folder that a plugin can reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileGrant {
    /// The folder, from the configuration's own.
    pub path: PathBuf,
    /// What the plugin calls it.
    #[schemars(regex(pattern = "^/"), extend("x-expected" = "an absolute path such as `/data`"))]
    pub mount: String,
    /// Whether it can be written to. Reading is enough for most.
    #[serde(default)]
    pub write: bool,
}
