//! The agents of a session, each ready, or why not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::agent::Agent;
use super::load_error::LoadError;
use super::own_files::OwnFiles;
use super::policies::Policies;
use super::upstreams;
use crate::config::Config;
use fusebox_runtime::engine::{Engine, PluginFault};
use fusebox_runtime::gateway::Services;
use fusebox_runtime::plugin::{Loader, Prepared};
use fusebox_secrets::{Vault, log_hides};

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
        let loader = Loader::new(engine).map_err(|error| LoadError::of_plugin("", error))?;
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
                None => loader
                    .load(&written.plugin)
                    .await
                    .map_err(|error| LoadError::of_plugin(name, error))?,
            };
            self.must_be_ready(name, &written.plugin, &prepared)?;
            plugins.insert(written.plugin.clone(), prepared.clone());
            let agent = Agent::new(name, written, prepared, &mut policies, &vault)?;
            agents.insert(name.to_owned(), Arc::new(agent));
        }
        let services = Arc::new(upstreams::load(config, agents.keys(), &mut policies, &vault)?);
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
                Err(LoadError::Plugin {
                    agent: name.to_owned(),
                    path: path.to_owned(),
                    fault,
                })
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
