//! Why an agent or a policy is not ready.

use std::path::PathBuf;

use crate::engine::PluginFault;
use crate::sandbox::GrantError;
use crate::state::StateError;
use fusebox_secrets::{SecretError, Unhidden};
use fusebox_types::failure::Code;
use fusebox_upstream::UpstreamError;

/// Why an agent is not ready.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The configuration has no such agent.
    #[error("there is no agent `{name}`; the configuration has: {known}")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// The plugin's file cannot be read.
    #[error("{}cannot read {}", of(agent), path.display())]
    Missing {
        /// The agent; empty for a file of nobody's.
        agent: String,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The plugin is not one that this host runs.
    #[error("{}{}", of(agent), path.display())]
    Plugin {
        /// The agent; empty for a file of nobody's.
        agent: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        fault: PluginFault,
    },
    /// A secret that the agent is to be handed cannot be had.
    #[error("agent `{agent}`, secret `{name}`")]
    Secret {
        /// The agent.
        agent: String,
        /// The secret's name in the configuration.
        name: String,
        /// Why not.
        source: SecretError,
    },
    /// A folder that the agent is to reach cannot be had.
    #[error("agent `{agent}`")]
    Folder {
        /// The agent.
        agent: String,
        /// Which, and why not.
        source: GrantError,
    },
    /// An upstream that the agents call is not ready.
    #[error("upstream `{name}`")]
    Upstream {
        /// The upstream.
        name: String,
        /// Why not.
        source: UpstreamError,
    },
    /// Secrets are known that could not be hidden.
    #[error(transparent)]
    Unhidden(#[from] Unhidden),
    /// What outlives a session cannot be had.
    #[error(transparent)]
    State(StateError),
    /// The host itself failed.
    #[error("the plugins cannot be linked: {0}")]
    Host(String),
}

impl LoadError {
    /// The code that explains this error.
    pub fn code(&self) -> Code {
        match self {
            LoadError::Unknown { .. } => Code::SessionUnknownAgent,
            LoadError::Missing { .. } => Code::PluginMissing,
            LoadError::Plugin { fault, .. } => fault.code(),
            LoadError::Secret { .. } => Code::ConfigSecret,
            LoadError::Folder { .. } => Code::ConfigFolder,
            LoadError::Upstream { .. } => Code::ConfigUpstream,
            LoadError::State(_) => Code::HostState,
            LoadError::Unhidden(_) | LoadError::Host(_) => Code::HostEngine,
        }
    }
}

/// Whose file it is, if it is an agent's.
fn of(agent: &str) -> String {
    match agent {
        "" => String::new(),
        agent => format!("agent `{agent}`: "),
    }
}

impl PluginFault {
    /// The code that explains this fault.
    pub fn code(&self) -> Code {
        match self {
            PluginFault::Malformed(_) => Code::PluginMalformed,
            PluginFault::CoreModule => Code::PluginCoreModule,
            PluginFault::LaterWasi(_) => Code::PluginLaterWasi,
            PluginFault::TooLarge { .. } | PluginFault::Unsupported(_) => Code::PluginTooLarge,
            PluginFault::Compile(_) => Code::PluginCompile,
            PluginFault::WrongWorld { .. } | PluginFault::OtherContract { .. } => Code::PluginWrongWorld,
            PluginFault::MissingImport(_) => Code::PluginMissingImport,
            PluginFault::Descriptor(_) => Code::PluginDescriptor,
        }
    }
}
