//! What a plugin can reach. Nothing, by default.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use fusebox_types::units::Size;
use fusebox_types::units::size;

/// What a plugin can reach. Nothing, by default: an unknown plugin gets no
/// network, no files and no environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Grants {
    /// Environment variables that the plugin sees, with the values given here.
    /// None of the host's own are handed on. They are no secrets: they are shown
    /// as they are.
    pub environment: BTreeMap<String, String>,
    /// Folders that it can read, or write. Regular files and folders in them, and
    /// nothing that a link leads to outside.
    pub files: Vec<FileGrant>,
    /// A folder that each attempt has for itself, and that is gone when it ends.
    pub scratch: ScratchGrant,
    /// Upstreams that it can call, by their names.
    pub upstreams: Vec<String>,
}

/// A folder that a plugin can reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FileGrant {
    /// The folder, from the configuration's own.
    pub path: PathBuf,
    /// What the plugin calls it.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^/$|^(/[^/]+)+$"), extend("x-expected" = "an absolute path such as `/data`")))]
    pub mount: String,
    /// Whether it can be written to. Reading is enough for most.
    #[serde(default)]
    pub write: bool,
    /// Bytes that the plugin can write there, all attempts of an instance together,
    /// until the program ends. What it removes is not given back; a gap that it
    /// leaves in a file counts as written. Only for a folder that can be written to.
    #[serde(default = "folder_quota", with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "0B", "x-most" = "1024GiB")))]
    pub quota: u64,
    /// Files and folders that it can make there, counted in the same way.
    #[serde(default = "folder_files")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 10_000_000)))]
    pub max_files: u32,
}

/// A folder that each attempt has for itself, if it has room for anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ScratchGrant {
    /// What the plugin calls it.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^/$|^(/[^/]+)+$"), extend("x-expected" = "an absolute path such as `/data`")))]
    pub mount: String,
    /// Bytes that one attempt can write there. None, by default: there is no such
    /// folder then.
    #[serde(with = "size")]
    #[cfg_attr(feature = "schema", schemars(with = "Size", extend("x-least" = "0B", "x-most" = "1024GiB")))]
    pub quota: u64,
    /// Files and folders that one attempt can make there.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1_000_000)))]
    pub max_files: u32,
}

/// A gigabyte: results of many tasks, and no disk is full of it.
const fn folder_quota() -> u64 {
    1 << 30
}

const fn folder_files() -> u32 {
    10_000
}

impl Default for ScratchGrant {
    fn default() -> Self {
        Self {
            mount: "/tmp".to_owned(),
            quota: 0,
            max_files: 1_000,
        }
    }
}

impl ScratchGrant {
    /// Whether there is such a folder.
    pub const fn is_granted(&self) -> bool {
        self.quota > 0
    }
}
