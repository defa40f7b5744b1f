//! Other configurations, put in force while a session runs.

use std::sync::Arc;

use super::Host;
use super::guest_threads::GuestThreads;
use super::running::{Control, Running};
use crate::agents::{LoadError, Registry};
use crate::config::{Config, SessionRules};
use fusebox_events::Reload;
use fusebox_runtime::engine::Engine;

/// Puts other configurations in force while a session runs. What has begun ends
/// as it began.
#[derive(Debug)]
pub struct Reloader {
    engine: Engine,
    guests: Arc<GuestThreads>,
    control: Control,
    /// The agents that are in force.
    registry: Registry,
}

impl Host {
    /// What puts other configurations in force while this session runs. It began with
    /// these agents.
    pub fn reloader(&self, running: &Running, registry: Registry) -> Reloader {
        Reloader {
            engine: self.engine.clone(),
            guests: self.guests.clone(),
            control: running.control(),
            registry,
        }
    }
}

impl Reloader {
    /// The same agents, made ready under another configuration. Nothing is in force
    /// yet.
    ///
    /// # Errors
    /// The first that is not ready, and why.
    pub fn prepare(&self, config: &Config) -> Result<Registry, LoadError> {
        self.guests.block_on(self.registry.reload(&self.engine, config))
    }

    /// A line for each policy and secret that has another content than what is in
    /// force.
    pub fn changes(&self, registry: &Registry) -> Vec<String> {
        registry.changes_since(&self.registry)
    }

    /// Puts agents and rules in force, for all that begins from now on.
    ///
    /// # Errors
    /// If an agent of the session is missing. Nothing has changed then.
    pub fn put_in_force(&mut self, registry: Registry, rules: SessionRules) -> Result<(), LoadError> {
        self.control.replace(&registry, rules)?;
        self.registry = registry;
        Ok(())
    }

    /// Says in the session's events what became of a configuration.
    pub fn tell(&self, reload: Reload) {
        self.control.tell(reload);
    }
}
