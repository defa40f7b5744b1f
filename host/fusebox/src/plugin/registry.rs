//! The agents of a session, each ready, or why not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use wasmtime::component::{Component, Linker};

use super::agent::Agent;
use super::descriptor::About;
use super::load_error::LoadError;
use super::own_files::OwnFiles;
use super::policy::Policies;
use super::services;
use super::world::Surface;
use crate::config::Config;
use crate::engine::{Engine, PluginFault};
use crate::gateway::Services;
use crate::sandbox::bindings::AgentHostPre;
use crate::sandbox::{self, AttemptPlan, DESCRIBE_FUEL, Limits, Outside, State};
use fusebox_secrets::{Vault, log_hides};
use fusebox_types::digest::Digest;
use fusebox_types::failure::Failure;

/// Agents by name, each ready.
#[derive(Debug, Default)]
pub struct Registry {
    agents: BTreeMap<String, Arc<Agent>>,
    services: Arc<Services>,
    /// Knows the secrets, those of earlier configurations too.
    vault: Arc<Vault>,
    /// What else plugins are kept from writing to, in every configuration.
    kept: OwnFiles,
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
        Self::default().followed_by(engine, config, names).await
    }

    /// The same agents under another configuration. A plugin that is loaded
    /// stays as it is, whatever has become of its file: a session ends with the
    /// plugins with which it began, unless the configuration names another file.
    ///
    /// # Errors
    /// As [`Registry::load`]; these agents are left as they are.
    pub async fn reload(&self, engine: &Engine, config: &Config) -> Result<Self, LoadError> {
        self.followed_by(engine, config, self.agents.keys().map(String::as_str))
            .await
    }

    async fn followed_by<'a>(
        &self,
        engine: &Engine,
        config: &Config,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, LoadError> {
        let vault = self.vault.clone();
        log_hides(&vault);
        config.teach(&vault)?;
        let loader = Loader::new(engine)?;
        let mut policies = Policies::new(engine)?;
        let mut plugins: BTreeMap<PathBuf, Prepared> =
            self.agents.values().filter_map(|agent| agent.plugin()).collect();
        let mut agents = BTreeMap::new();
        for name in names {
            if agents.contains_key(name) {
                continue;
            }
            let written = config
                .agents
                .get(name)
                .ok_or_else(|| unknown(name, config.agents.keys()))?;
            let prepared = match plugins.get(&written.plugin) {
                Some(prepared) => prepared.clone(),
                None => loader.load(name, &written.plugin).await?,
            };
            self.must_be_ready(name, &written.plugin, &prepared)?;
            plugins.insert(written.plugin.clone(), prepared.clone());
            let agent = Agent::new(name, written, prepared, &mut policies, &vault)?;
            agents.insert(name.to_owned(), Arc::new(agent));
        }
        let services = Arc::new(services::load(config, agents.keys(), &mut policies, &vault)?);
        let registry = Self {
            agents,
            services,
            vault,
            kept: self.kept.clone(),
        };
        registry.keep_from(&OwnFiles::of(config, engine))?;
        registry.keep_from(&registry.kept)?;
        Ok(registry)
    }

    /// The same agents, which are kept from writing to these as well: the
    /// session's own directory.
    ///
    /// # Errors
    /// If a grant lets one write there.
    pub fn keeping(mut self, own: impl IntoIterator<Item = PathBuf>) -> Result<Self, LoadError> {
        self.kept.add(own);
        self.keep_from(&self.kept)?;
        Ok(self)
    }

    fn keep_from(&self, own: &OwnFiles) -> Result<(), LoadError> {
        for agent in self.agents.values() {
            let instances = agent.instances.iter();
            for folder in instances
                .filter_map(|instance| instance.granted.as_ref())
                .flat_map(|granted| granted.writable())
            {
                own.check(folder).map_err(|source| LoadError::Folder {
                    agent: agent.name.clone(),
                    source,
                })?;
            }
        }
        Ok(())
    }

    /// A plugin that takes the place of another one has to say what it is; one with
    /// which a session begins has not.
    fn must_be_ready(&self, name: &str, path: &Path, prepared: &Prepared) -> Result<(), LoadError> {
        match (&prepared.about, self.get(name)) {
            (Err(failure), Some(before)) if before.ready().is_ok() => {
                let fault = PluginFault::Descriptor(failure.message.to_string());
                Err(unusable(name, path, fault))
            }
            _ => Ok(()),
        }
    }

    /// That there is no agent of a name.
    pub(crate) fn lacks(&self, name: &str) -> LoadError {
        unknown(name, self.agents.keys())
    }

    /// A line for each policy whose file has another content than in another
    /// registry, and for each instance whose secrets have.
    pub(crate) fn changes_since(&self, before: &Registry) -> Vec<String> {
        let mut lines = Vec::new();
        for agent in self.agents.values() {
            let Some(old) = before.get(&agent.name) else {
                continue;
            };
            lines.extend(agent.changes_since(old));
        }
        lines.sort();
        lines.dedup();
        lines
    }

    /// The upstreams that its agents may call.
    pub(crate) fn services(&self) -> &Arc<Services> {
        &self.services
    }

    /// The secrets that nothing may show.
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// All agents.
    pub fn agents(&self) -> impl Iterator<Item = &Arc<Agent>> {
        self.agents.values()
    }

    /// An agent by name.
    pub fn get(&self, name: &str) -> Option<&Arc<Agent>> {
        self.agents.get(name)
    }
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> LoadError {
    let known: Vec<_> = known.map(String::as_str).collect();
    LoadError::Unknown {
        name: name.to_owned(),
        known: if known.is_empty() {
            "none".into()
        } else {
            known.join(", ")
        },
    }
}

/// The bytes of an agent's plugin.
pub(super) fn read(engine: &Engine, agent: &str, path: &Path) -> Result<Vec<u8>, LoadError> {
    let bytes = super::read_file(path, engine.loading().file).map_err(|source| LoadError::Missing {
        agent: agent.to_owned(),
        path: path.to_owned(),
        source,
    })?;
    bytes.map_err(|fault| unusable(agent, path, fault))
}

pub(super) fn unusable(agent: &str, path: &Path, fault: PluginFault) -> LoadError {
    LoadError::Plugin {
        agent: agent.to_owned(),
        path: path.to_owned(),
        fault,
    }
}

/// A plugin that is linked and has said what it is.
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) pre: AgentHostPre<State>,
    /// What it says of itself, or how its `describe` failed: a guest's failure,
    /// and no fault of the file's.
    pub(super) about: Result<Arc<About>, Arc<Failure>>,
    /// Of the file.
    pub(super) digest: Digest,
}

/// Turns files into plugins that can be run.
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

    async fn load(&self, agent: &str, path: &Path) -> Result<Prepared, LoadError> {
        let bytes = read(self.engine, agent, path)?;
        let prepared = async {
            let component = self.engine.component(&path.display().to_string(), &bytes)?;
            self.prepare(&component).await
        };
        let (pre, about) = prepared.await.map_err(|fault| unusable(agent, path, fault))?;
        let unready = |fault: PluginFault| Arc::new(Failure::new(fault.code(), fault.to_string()));
        Ok(Prepared {
            pre,
            about: about.map(Arc::new).map_err(unready),
            digest: Digest::of(&bytes),
        })
    }

    /// Links a component and asks what it is, under the default limits. That it is
    /// one of ours and does not say what it is is told apart from that it is none.
    pub(super) async fn prepare(
        &self,
        component: &Component,
    ) -> Result<(AgentHostPre<State>, Result<About, PluginFault>), PluginFault> {
        Surface::of(component).check()?;
        let pre = self.linker.instantiate_pre(component);
        let pre = pre
            .and_then(sandbox::prepare_agent)
            .map_err(|error| PluginFault::other_contract("fusebox:agent@0.1.0", &error))?;
        // Nobody cancels: the limits end it.
        let outside = Arc::new(Outside::unheard(CancellationToken::new()));
        let limits = Limits {
            fuel: DESCRIBE_FUEL,
            ..Limits::default()
        };
        let said = sandbox::describe(&pre, AttemptPlan::first(&limits, &outside))
            .await
            .0;
        let about = said
            .map_err(|failure| PluginFault::Descriptor(format!("`describe` failed: {failure}")))
            .and_then(About::try_from);
        Ok((pre, about))
    }
}
