//! The circuit breakers of a session: of its agents, of the upstreams that they
//! call, and of the services that guests name.
//!
//! | key | hears |
//! |---|---|
//! | `agent:<name>` | what attempts came to |
//! | `upstream:<name>` | what the host itself saw of requests |
//! | `upstream:<name>@<agent>` | the same of one agent, where several may call it (see `way`) |
//! | `service:<agent>/<name>` | what a guest of that agent says |
//!
//! What they have counted stays, whatever a reload changes: rules are handed in
//! at each call. What a guest says moves none but the agent's own services.

mod changes;
mod clock;
mod judge;
mod kept;
mod manager;
mod named;
mod named_breaker;
mod order;
mod owned_permit;
mod way;

pub use clock::Clock;
pub use judge::{AskedLater, BreakerDecision, BreakerQuestion, JudgeBreaker};
pub use kept::kept_view;
pub use manager::{CallError, CircuitBreakers, NameTaken};
pub use named_breaker::{Ended, NamedBreaker, outcome};
pub use order::Order;
pub use owned_permit::OwnedPermit;
pub(crate) use way::{Way, WayPermit};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use changes::Common;
use fusebox_events::Event;
use fusebox_resilience::breaker::{BreakerRules, State};
use named::Named;
use way::OwnWay;

/// The most services that a guest may name, over all attempts of its agent.
pub(crate) const MOST_SERVICES: usize = 16;
/// Longest name of a service, in bytes.
pub(crate) const MAX_SERVICE_NAME: usize = 64;

/// All breakers of a session. Agents are numbered as in its graph.
#[derive(Debug)]
pub struct BreakerRegistry {
    common: Common,
    /// The names of the agents.
    names: BTreeSet<String>,
    agents: Vec<Arc<NamedBreaker>>,
    services: Vec<Named>,
    upstreams: Named,
    /// The agents' own ways to upstreams, by upstream.
    ways: Mutex<BTreeMap<Box<str>, Arc<Named>>>,
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
        let common = Common::start();
        let agent = |name: &String| Arc::new(NamedBreaker::of_agent(name, &common));
        let services = |name: &String| Named::new(format!("service:{name}/"), MOST_SERVICES);
        Self {
            names: agents.iter().cloned().collect(),
            agents: agents.iter().map(agent).collect(),
            services: agents.iter().map(services).collect(),
            upstreams: Named::new("upstream:".into(), usize::MAX),
            ways: Mutex::default(),
            common,
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
        self.common.clock.now()
    }

    /// A moment of that time, as a date and time.
    pub fn timestamp(&self, at: Duration) -> jiff::Timestamp {
        self.common.clock.timestamp(at)
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
        self.upstreams.get_or_make(name, &self.common)
    }

    /// The agents' own ways to all upstreams, and whose rules they go by.
    pub fn ways(&self) -> Vec<(Of, Arc<NamedBreaker>)> {
        let ways = self.lock_ways();
        let all = ways.iter().flat_map(|(upstream, ways)| {
            let of = Of::Upstream(upstream.clone());
            ways.all().into_iter().map(move |(_, way)| (of.clone(), way))
        });
        all.collect()
    }

    /// The way of an agent to an upstream that these agents may call. Whoever
    /// disabled the upstream's breaker has disabled the ways to it.
    pub(crate) fn way(
        &self,
        upstream: &str,
        agent: &str,
        parties: &BTreeSet<String>,
        rules: &BreakerRules,
    ) -> Way {
        let shared = self.upstream(upstream);
        let others = parties.intersection(&self.names).any(|party| party != agent);
        let has_own = others && shared.state(rules) != State::Disabled;
        let own = has_own.then(|| {
            let all = self.ways_to(upstream);
            let breaker = all.get_or_make(agent, &self.common);
            OwnWay { breaker, all }
        });
        Way { shared, own }
    }

    /// Does what is ordered of an upstream's breaker, and says what that changed. A
    /// reset is one of the ways to it, too; the other orders hold over them.
    pub fn order_upstream(&self, upstream: &str, order: Order, rules: &BreakerRules) -> Vec<Event> {
        let ways = match order {
            Order::Reset => self.ways_to(upstream).all(),
            Order::ForceOpen | Order::Disable => Vec::new(),
        };
        let ways = ways.into_iter().map(|(_, way)| way);
        let ordered = |breaker: Arc<NamedBreaker>| breaker.order(order, rules);
        std::iter::once(self.upstream(upstream))
            .chain(ways)
            .filter_map(ordered)
            .collect()
    }

    /// Ends after a breaker has changed its state, a probe has ended, or a person
    /// has ordered something: what was held may go on. One waiter hears of each.
    pub async fn changed(&self) {
        self.common.changes.wait().await;
    }

    fn ways_to(&self, upstream: &str) -> Arc<Named> {
        let mut ways = self.lock_ways();
        match ways.get(upstream) {
            Some(named) => named.clone(),
            None => {
                let named = Arc::new(Named::new(format!("upstream:{upstream}@"), usize::MAX));
                ways.insert(upstream.into(), named.clone());
                named
            }
        }
    }

    fn lock_ways(&self) -> MutexGuard<'_, BTreeMap<Box<str>, Arc<Named>>> {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
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
        services
            .get_or_refuse(name, &self.common)
            .ok_or(NoService::TooMany)
    }
}
