//! Why a file is no plugin that is ready.

use std::path::{Path, PathBuf};

use crate::engine::PluginFault;

/// Why a file is no plugin that is ready.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The plugin is not one that this host runs.
    #[error("{}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        fault: PluginFault,
    },
    /// The host itself failed.
    #[error("the plugins cannot be linked: {0}")]
    Host(String),
}

impl PluginError {
    pub(super) fn unreadable(path: &Path, source: std::io::Error) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn unusable(path: &Path, fault: PluginFault) -> Self {
        Self::Unusable {
            path: path.to_owned(),
            fault,
        }
    }
}
