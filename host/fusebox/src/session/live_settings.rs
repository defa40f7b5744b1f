//! What a reload of the configuration may change while a session runs.
//!
//! A session looks here whenever it begins something: each attempt runs under
//! what holds when it starts, and ends under that. What a session has counted
//! (attempts under way, retries spent) is not here, so a change loses nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use super::graph::Graph;
use crate::agents::{Agent, LoadError, Registry};
use crate::config::SessionRules;
use fusebox_runtime::gateway::Current;

/// The agents and rules of a session, as they are now.
#[derive(Debug)]
pub struct LiveSettings {
    /// The agents, as the graph's indices name them.
    agents: Vec<ArcSwap<Agent>>,
    rules: ArcSwap<SessionRules>,
    services: Current,
    /// Of the rules, what is asked for before each task.
    max_parallel: AtomicU32,
    changed: Notify,
}

impl LiveSettings {
    /// What a graph needs.
    ///
    /// # Errors
    /// If the registry lacks an agent of the graph.
    pub fn new(graph: &Graph, registry: &Registry, rules: SessionRules) -> Result<Self, LoadError> {
        Ok(Self {
            agents: agents(graph.agents(), registry)?
                .into_iter()
                .map(ArcSwap::new)
                .collect(),
            rules: ArcSwap::from_pointee(rules),
            services: Arc::new(ArcSwap::new(registry.services().clone())),
            max_parallel: AtomicU32::new(rules.max_parallel),
            changed: Notify::new(),
        })
    }

    /// Those of no agents.
    #[cfg(test)]
    pub(super) fn none() -> Arc<Self> {
        Arc::new(Self {
            agents: Vec::new(),
            rules: ArcSwap::default(),
            services: Arc::default(),
            max_parallel: AtomicU32::new(1),
            changed: Notify::new(),
        })
    }

    /// Puts others in their places. What has begun ends as it began.
    ///
    /// # Errors
    /// If the registry lacks an agent of the graph. Nothing has changed then.
    pub fn replace(&self, graph: &Graph, registry: &Registry, rules: SessionRules) -> Result<(), LoadError> {
        let agents = agents(graph.agents(), registry)?;
        for (slot, agent) in self.agents.iter().zip(agents) {
            slot.store(agent);
        }
        self.rules.store(Arc::new(rules));
        self.services.store(registry.services().clone());
        self.max_parallel.store(rules.max_parallel, Ordering::Relaxed);
        self.changed.notify_one();
        Ok(())
    }

    /// An agent by its index in the graph.
    pub(super) fn agent(&self, index: u16) -> Option<Arc<Agent>> {
        self.agents.get(usize::from(index)).map(ArcSwap::load_full)
    }

    /// The upstreams, wherever they are looked at.
    pub(super) fn services(&self) -> &Current {
        &self.services
    }

    pub(super) fn rules(&self) -> SessionRules {
        **self.rules.load()
    }

    /// Tasks that may be under way at once.
    pub(super) fn max_parallel(&self) -> usize {
        self.max_parallel.load(Ordering::Relaxed) as usize
    }

    /// Waits until something has changed since this was last asked.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }
}

fn agents(names: &[String], registry: &Registry) -> Result<Vec<Arc<Agent>>, LoadError> {
    let find = |name: &String| registry.get(name).cloned().ok_or_else(|| registry.lacks(name));
    names.iter().map(find).collect()
}
