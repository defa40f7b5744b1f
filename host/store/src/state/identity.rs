//! Whose state something is.

use std::path::{Path, PathBuf};

use fusebox_types::digest::Digest;

/// What is kept under a name in one configuration is not that of the same name
/// in another: an agent is its name and its plugin, an upstream its name and its
/// address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Where it is kept.
    pub(super) key: String,
    /// The digest of the plugin, if it has one: what is kept of another does not
    /// count.
    pub(super) plugin: Option<String>,
}

impl Identity {
    /// An agent with the plugin of this file and digest.
    pub fn agent(name: &str, plugin: &Path, digest: Digest) -> Self {
        let path = std::path::absolute(plugin).unwrap_or_else(|_| PathBuf::from(plugin));
        Self {
            key: format!("agent:{name}@{}", path.display()),
            plugin: Some(digest.to_string()),
        }
    }

    /// An upstream at this address.
    pub fn upstream(name: &str, address: &str) -> Self {
        Self {
            key: format!("upstream:{name}@{address}"),
            plugin: None,
        }
    }

    /// What it is kept under.
    pub fn key(&self) -> &str {
        &self.key
    }
}
