//! Agents and their instances: the three layers laid over each other.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::error::{ConfigError, value};
use super::layers::settings_under;
use super::limits::{self, Limits, RetryLimits};
use super::schema::{AgentEntry, Layer};

/// A named, configured service backed by a plugin.
#[derive(Debug, Clone)]
pub struct Agent {
    /// The plugin's file.
    pub plugin: PathBuf,
    /// Its instances; at least one.
    pub instances: Vec<Instance>,
}

/// One configured copy of an agent.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its id; `default` where the configuration names none.
    pub id: String,
    /// What the plugin is told, besides a task's own settings.
    pub settings: Map<String, Value>,
    /// What one attempt may use.
    pub limits: Limits,
    /// How often and how late a failed task runs again.
    pub retry: RetryLimits,
}

/// An agent as written, over the defaults.
pub(super) fn agent(
    name: &str,
    entry: AgentEntry,
    defaults: &Layer,
    base: &Path,
) -> Result<Agent, ConfigError> {
    check_name(&format!("agents.{name}"), name)?;
    let layer = defaults.under(&entry.limits, &entry.retry);
    let mut instances = Vec::new();
    for (id, written) in entry.instances {
        let key = format!("agents.{name}.instances.{id}");
        check_name(&key, &id)?;
        let layer = layer.under(&written.limits, &written.retry);
        let settings = settings_under(&entry.settings, &written.settings);
        instances.push(instance(&key, id, settings, &layer)?);
    }
    if instances.is_empty() {
        instances.push(instance(
            &format!("agents.{name}"),
            "default".into(),
            entry.settings,
            &layer,
        )?);
    }
    Ok(Agent {
        plugin: base.join(entry.plugin),
        instances,
    })
}

fn instance(
    key: &str,
    id: String,
    settings: Map<String, Value>,
    layer: &Layer,
) -> Result<Instance, ConfigError> {
    Ok(Instance {
        id,
        settings,
        limits: limits::limits(key, &layer.limits)?,
        retry: limits::retry(key, &layer.retry)?,
    })
}

fn check_name(key: &str, name: &str) -> Result<(), ConfigError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
        return Err(value(
            key,
            "a name has 1 to 64 of the characters a-z, 0-9 and `-`",
        ));
    }
    Ok(())
}
