//! The instances of a session, shown and ordered from elsewhere.

use std::sync::Arc;
use std::time::Duration;

use super::live_settings::LiveSettings;
use crate::agents::Agent;
use crate::pools::{AgentPool, Pools};
use fusebox_events::{Event, InstanceView, QuarantineView};
use fusebox_resilience::isolation::{Check, Refused};
use fusebox_types::InstanceId;
use fusebox_types::failure::printable;

/// The instances of a session under way.
#[derive(Debug, Clone)]
pub struct Instances {
    pools: Arc<Pools>,
    live: Arc<LiveSettings>,
}

/// Why an order about an instance is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstanceError {
    /// The session has no such agent.
    #[error("there is no agent `{}` in this session (there are: {})", printable(agent), known.join(", "))]
    UnknownAgent {
        /// What was asked for.
        agent: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The agent has no such instance.
    #[error("agent `{agent}` has no instance `{}` (there are: {})", printable(instance), known.join(", "))]
    UnknownInstance {
        /// The agent.
        agent: String,
        /// What was asked for.
        instance: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The pool needs it.
    #[error("instance `{instance}` of agent `{agent}` is needed: {why}")]
    Needed {
        /// The agent.
        agent: String,
        /// The instance.
        instance: String,
        /// How many are out, and how many may be.
        why: Refused,
    },
    /// The session is over.
    #[error("the session is over")]
    Over,
}

/// An instance that was found: its pool, and its agent as it is now.
pub(crate) struct Found {
    pub(crate) pool: Arc<AgentPool>,
    pub(crate) agent: Arc<Agent>,
    pub(crate) id: InstanceId,
}

impl Instances {
    pub(crate) fn new(pools: Arc<Pools>, live: Arc<LiveSettings>) -> Self {
        Self { pools, live }
    }

    /// Makes the pools those of the agents as they are now, and says what that
    /// changed.
    pub(crate) fn reload(&self) -> Vec<Event> {
        self.all().flat_map(|(pool, agent)| pool.reload(&agent)).collect()
    }

    /// How all instances are doing now.
    pub fn list(&self) -> Vec<InstanceView> {
        self.all()
            .flat_map(|(pool, agent)| pool.list(&agent.isolation))
            .collect()
    }

    /// The instances that are out of their pools now.
    pub fn quarantined(&self) -> Vec<QuarantineView> {
        let all = self.list().into_iter();
        all.filter_map(|instance| instance.quarantine).collect()
    }

    /// How one instance is doing now.
    ///
    /// # Errors
    /// If there is no such agent or instance.
    pub fn show(&self, agent: &str, instance: &str) -> Result<InstanceView, InstanceError> {
        let found = self.find(agent, instance)?;
        let list = found.pool.list(&found.agent.isolation);
        let view = list.into_iter().find(|view| view.instance == instance);
        view.ok_or_else(|| unknown(&found.agent, instance))
    }

    /// Takes an instance out of its pool, and says what that changed.
    ///
    /// # Errors
    /// If there is no such instance, or its pool needs it.
    pub(crate) fn quarantine(
        &self,
        (agent, instance): (&str, &str),
        order: (Option<Duration>, &str),
        random: u64,
    ) -> Result<Option<Event>, InstanceError> {
        let found = self.find(agent, instance)?;
        let done = found
            .pool
            .quarantine(found.id, order, &found.agent.isolation, random);
        done.map_err(|refused| found.refused(refused))
    }

    /// Brings an instance back, and says what that changed.
    ///
    /// # Errors
    /// If there is no such instance.
    pub(crate) fn release(&self, agent: &str, instance: &str) -> Result<Option<Event>, InstanceError> {
        let found = self.find(agent, instance)?;
        let done = found.pool.release(found.id, &found.agent.isolation);
        done.map_err(|refused| found.refused(refused))
    }

    /// The health checks that are due.
    pub(super) fn due(&self) -> Vec<(Arc<AgentPool>, Arc<Agent>, Check)> {
        let mut due = Vec::new();
        for (pool, agent) in self.all() {
            while let Some(check) = pool.next_check(&agent) {
                due.push((pool.clone(), agent.clone(), check));
            }
        }
        due
    }

    /// How often the agent asks that asks most often; none if none asks.
    pub(super) fn shortest_interval(&self) -> Option<Duration> {
        let intervals = self.all().map(|(_, agent)| agent.isolation.health_interval);
        intervals.filter(|interval| !interval.is_zero()).min()
    }

    /// An instance of the session.
    ///
    /// # Errors
    /// If there is no such agent or instance.
    pub(crate) fn find(&self, agent: &str, instance: &str) -> Result<Found, InstanceError> {
        let found = self.all().find(|(pool, _)| pool.agent() == agent);
        let (pool, agent) = found.ok_or_else(|| InstanceError::UnknownAgent {
            agent: agent.to_owned(),
            known: self.all().map(|(pool, _)| pool.agent().to_owned()).collect(),
        })?;
        let known = agent.instances.iter().find(|known| &*known.id == instance);
        let id = known.ok_or_else(|| unknown(&agent, instance))?.id;
        Ok(Found { pool, agent, id })
    }

    fn all(&self) -> impl Iterator<Item = (Arc<AgentPool>, Arc<Agent>)> {
        let pools = self.pools.all();
        pools.filter_map(|(index, pool)| Some((pool.clone(), self.live.agent(index)?)))
    }
}

impl Found {
    fn refused(&self, why: Refused) -> InstanceError {
        match why {
            Refused::Unknown(id) => unknown(&self.agent, &id),
            Refused::Floor { .. } => InstanceError::Needed {
                agent: self.agent.name.clone(),
                instance: self.id.to_string(),
                why,
            },
        }
    }
}

fn unknown(agent: &Agent, instance: &str) -> InstanceError {
    InstanceError::UnknownInstance {
        agent: agent.name.clone(),
        instance: instance.to_owned(),
        known: agent.instances.iter().map(|one| one.id.to_string()).collect(),
    }
}
