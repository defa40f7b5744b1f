//! The agents of a session, each ready, or why not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use wasmtime::component::{Component, Linker};

use super::agent::{Agent, Instance};
use super::descriptor::About;
use super::world::Surface;
use crate::bindings::AgentHostPre;
use crate::config::{self, Config, Limits};
use crate::engine::{Engine, PluginFault};
use crate::event;
use crate::failure::Code;
use crate::sandbox::{self, AttemptPlan, Outside, State};

/// Fuel to say what one is: plenty even for an interpreter that starts up.
const DESCRIBE_FUEL: u64 = 1_000_000_000;

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
    #[error("agent `{agent}`: cannot read its plugin {}", path.display())]
    Missing {
        /// The agent.
        agent: String,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The plugin is not one that this host runs.
    #[error("agent `{agent}`: {}", path.display())]
    Plugin {
        /// The agent.
        agent: String,
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

impl LoadError {
    /// The code that explains this error.
    pub fn code(&self) -> Code {
        match self {
            LoadError::Unknown { .. } => Code::SessionUnknownAgent,
            LoadError::Missing { .. } => Code::PluginMissing,
            LoadError::Plugin { fault, .. } => fault.code(),
            LoadError::Host(_) => Code::HostEngine,
        }
    }
}

impl PluginFault {
    /// The code that explains this fault.
    pub fn code(&self) -> Code {
        match self {
            PluginFault::Malformed(_) => Code::PluginMalformed,
            PluginFault::CoreModule => Code::PluginCoreModule,
            PluginFault::TooLarge { .. } => Code::PluginTooLarge,
            PluginFault::Compile(_) => Code::PluginCompile,
            PluginFault::WrongWorld { .. } => Code::PluginWrongWorld,
            PluginFault::MissingImport(_) => Code::PluginMissingImport,
            PluginFault::Descriptor(_) => Code::PluginDescriptor,
        }
    }
}

/// Agents by name, each ready.
#[derive(Debug, Default)]
pub struct Registry {
    agents: BTreeMap<String, Arc<Agent>>,
}

impl Registry {
    /// Makes the named agents of a configuration ready. Several may share a
    /// plugin; it is loaded once.
    ///
    /// # Errors
    /// The first that is not ready, and why.
    pub async fn load<'a>(
        engine: &Engine,
        config: &Config,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, LoadError> {
        let loader = Loader::new(engine)?;
        let mut files = BTreeMap::<&Path, Component>::new();
        let mut agents = BTreeMap::new();
        for name in names {
            if agents.contains_key(name) {
                continue;
            }
            let written = config.agents.get(name).ok_or_else(|| unknown(name, config))?;
            let component = match files.get(written.plugin.as_path()) {
                Some(component) => component.clone(),
                None => loader.component(name, &written.plugin)?,
            };
            files.insert(&written.plugin, component.clone());
            let agent = loader
                .agent(name, written, &component)
                .await
                .map_err(|fault| LoadError::Plugin {
                    agent: name.to_owned(),
                    path: written.plugin.clone(),
                    fault,
                })?;
            agents.insert(name.to_owned(), Arc::new(agent));
        }
        Ok(Self { agents })
    }

    /// An agent by name.
    pub fn get(&self, name: &str) -> Option<&Arc<Agent>> {
        self.agents.get(name)
    }
}

fn unknown(name: &str, config: &Config) -> LoadError {
    let known: Vec<_> = config.agents.keys().map(String::as_str).collect();
    LoadError::Unknown {
        name: name.to_owned(),
        known: if known.is_empty() {
            "none".into()
        } else {
            known.join(", ")
        },
    }
}

/// Turns files into agents.
pub(super) struct Loader<'a> {
    engine: &'a Engine,
    linker: Linker<State>,
}

impl<'a> Loader<'a> {
    pub(super) fn new(engine: &'a Engine) -> Result<Self, LoadError> {
        let linker =
            sandbox::linker(engine.wasmtime()).map_err(|error| LoadError::Host(format!("{error:#}")))?;
        Ok(Self { engine, linker })
    }

    fn component(&self, agent: &str, path: &Path) -> Result<Component, LoadError> {
        let bytes = super::read_file(path).map_err(|source| LoadError::Missing {
            agent: agent.to_owned(),
            path: path.to_owned(),
            source,
        })?;
        bytes
            .and_then(|bytes| self.engine.component(&bytes))
            .map_err(|fault| LoadError::Plugin {
                agent: agent.to_owned(),
                path: path.to_owned(),
                fault,
            })
    }

    async fn agent(
        &self,
        name: &str,
        written: &config::Agent,
        component: &Component,
    ) -> Result<Agent, PluginFault> {
        let (pre, about) = self.prepare(component).await?;
        let instances = written.instances.iter().map(Instance::new).collect();
        Ok(Agent {
            name: name.to_owned(),
            about,
            instances,
            pre,
        })
    }

    /// Links a component and asks what it is, under the default limits.
    pub(super) async fn prepare(
        &self,
        component: &Component,
    ) -> Result<(AgentHostPre<State>, About), PluginFault> {
        Surface::of(component).check()?;
        let mistyped = |error: wasmtime::Error| PluginFault::WrongWorld {
            missing: "fusebox:agent/plugin@0.1.0 with the functions and types of the contract".into(),
            found: format!("{error:#}"),
        };
        let pre = self.linker.instantiate_pre(component).map_err(mistyped)?;
        let pre = AgentHostPre::new(pre).map_err(mistyped)?;
        // Nobody listens and nobody cancels: the limits end it.
        let (events, _) = event::channel();
        let cancel = CancellationToken::new();
        let outside = Arc::new(Outside { cancel, events });
        let limits = Limits {
            fuel: DESCRIBE_FUEL,
            ..Limits::default()
        };
        let said = sandbox::describe(&pre, AttemptPlan::first(&limits, &outside)).await;
        let said =
            said.map_err(|failure| PluginFault::Descriptor(format!("`describe` failed: {failure}")))?;
        Ok((pre, About::try_from(said)?))
    }
}
