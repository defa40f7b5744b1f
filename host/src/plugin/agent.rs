//! An agent that is ready to run: its plugin prepared, its instances counted.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Map, Value};

use super::descriptor::About;
use crate::bindings::AgentHostPre;
use crate::config::{Limits, RetryLimits};
use crate::sandbox::State;

/// A named agent, ready to run.
pub struct Agent {
    /// Its name in the configuration.
    pub name: String,
    /// What its plugin says of itself.
    pub about: About,
    /// Its instances; at least one.
    pub instances: Vec<Instance>,
    pub(crate) pre: AgentHostPre<State>,
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agent")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// One configured copy of an agent.
#[derive(Debug)]
pub struct Instance {
    /// Its id.
    pub id: String,
    /// What one attempt may use.
    pub limits: Limits,
    /// How often and how late a failed task runs again.
    pub retry: RetryLimits,
    pub(crate) settings: Map<String, Value>,
    /// The settings as JSON, for the tasks that have none of their own.
    pub(crate) settings_json: String,
    in_flight: AtomicU32,
}

impl Instance {
    pub(super) fn new(config: &crate::config::Instance) -> Self {
        Self {
            id: config.id.clone(),
            limits: config.limits,
            retry: config.retry,
            settings_json: Value::Object(config.settings.clone()).to_string(),
            settings: config.settings.clone(),
            in_flight: AtomicU32::new(0),
        }
    }
}

/// An instance while it carries out an attempt.
pub(crate) struct Lease<'a> {
    instance: &'a Instance,
    index: usize,
}

impl<'a> Lease<'a> {
    /// Takes the instance with the least in flight.
    pub(crate) fn take(agent: &'a Agent) -> Option<Self> {
        let load = |instance: &Instance| instance.in_flight.load(Ordering::Relaxed);
        let (index, instance) = agent.instances.iter().enumerate().min_by_key(|(_, i)| load(i))?;
        instance.in_flight.fetch_add(1, Ordering::Relaxed);
        Some(Self { instance, index })
    }

    pub(crate) fn index(&self) -> usize {
        self.index
    }

    pub(crate) fn instance(&self) -> &'a Instance {
        self.instance
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.instance.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
