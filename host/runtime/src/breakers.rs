//! The circuit breakers of a session: of its agents, of the upstreams that they
//! call, and of the services that guests name.
//!
//! | key | hears |
//! |---|---|
//! | `agent:<name>` | what attempts came to |
//! | `upstream:<name>` | what the host itself saw of requests |
//! | `service:<agent>/<name>` | what a guest of that agent says |
//!
//! What they have counted stays, whatever a reload changes: rules are handed in
//! at each call. What a guest says moves none but the agent's own services.

mod clock;
mod judge;
mod kept;
mod manager;
mod named;
mod named_breaker;
mod order;
mod owned_permit;

pub use clock::Clock;
pub use judge::{AskedLater, BreakerDecision, BreakerQuestion, JudgeBreaker};
pub use kept::kept_view;
pub use manager::{CallError, CircuitBreakers, NameTaken};
pub use named_breaker::{Ended, NamedBreaker, outcome};
pub use order::Order;
pub use owned_permit::OwnedPermit;

use std::sync::Arc;
use std::time::Duration;

use named::Named;

/// The most services that a guest may name, over all attempts of its agent.
pub(crate) const MOST_SERVICES: usize = 16;
/// Longest name of a service, in bytes.
pub(crate) const MAX_SERVICE_NAME: usize = 64;

/// All breakers of a session. Agents are numbered as in its graph.
#[derive(Debug)]
pub struct BreakerRegistry {
    clock: Clock,
    agents: Vec<Arc<NamedBreaker>>,
    services: Vec<Named>,
    upstreams: Named,
}

/// Whose rules a breaker goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// An agent's.
    Agent(u16),
    /// An upstream's, by its name.
    Upstream(Box<str>),
}

/// Why there is no breaker for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoService {
    /// The agent has named as many as it may.
    TooMany,
    /// The name is empty or too long.
    BadName,
    /// There are no breakers here: the plugin is only asked what it is.
    NoSession,
}

impl BreakerRegistry {
    /// Those of these agents, each closed; no upstream was called yet.
    pub fn new(agents: &[String]) -> Self {
        let clock = Clock::start();
        let agent = |name: &String| Arc::new(NamedBreaker::new(format!("agent:{name}"), clock));
        let services = |name: &String| Named::new(format!("service:{name}/"), MOST_SERVICES);
        Self {
            clock,
            agents: agents.iter().map(agent).collect(),
            services: agents.iter().map(services).collect(),
            upstreams: Named::new("upstream:".into(), usize::MAX),
        }
    }

    /// All that there are, and whose rules they go by.
    pub fn all(&self) -> Vec<(Of, Arc<NamedBreaker>)> {
        let of = |index: usize| Of::Agent(u16::try_from(index).unwrap_or(u16::MAX));
        let agents = self.agents.iter().cloned().enumerate();
        let services = self.services.iter().enumerate();
        let services =
            services.flat_map(|(index, named)| named.all().into_iter().map(move |(_, one)| (index, one)));
        let upstreams = self.upstreams.all().into_iter();
        let upstreams = upstreams.map(|(name, breaker)| (Of::Upstream(name), breaker));
        agents
            .chain(services)
            .map(|(index, breaker)| (of(index), breaker))
            .chain(upstreams)
            .collect()
    }

    /// The time that they go by.
    pub fn now(&self) -> Duration {
        self.clock.now()
    }

    /// A moment of that time, as a date and time.
    pub fn timestamp(&self, at: Duration) -> jiff::Timestamp {
        self.clock.timestamp(at)
    }

    /// Stub.
    pub async fn changed(&self) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    /// How many agents there are.
    pub fn agents(&self) -> usize {
        self.agents.len()
    }

    /// The breaker of an agent.
    pub fn agent(&self, index: u16) -> Option<&Arc<NamedBreaker>> {
        self.agents.get(usize::from(index))
    }

    /// The breaker of an upstream, by its name in the configuration.
    pub fn upstream(&self, name: &str) -> Arc<NamedBreaker> {
        self.upstreams.get_or_make(name, self.clock)
    }

    /// The breaker of a service that a guest of this agent names; made at its
    /// first use.
    ///
    /// # Errors
    /// If there is none and there can be none.
    pub(crate) fn service(&self, agent: u16, name: &str) -> Result<Arc<NamedBreaker>, NoService> {
        let services = self
            .services
            .get(usize::from(agent))
            .ok_or(NoService::NoSession)?;
        if name.is_empty() || name.len() > MAX_SERVICE_NAME {
            return Err(NoService::BadName);
        }
        services.get_or_refuse(name, self.clock).ok_or(NoService::TooMany)
    }
}
