//! The only way of guests to upstreams: each request is chosen an upstream for,
//! and goes through its breaker, its in_flight, its rate and its quotas, with no
//! code of the plugin's.
//!
//! ```text
//! request -> which upstream, and is it granted   service
//!         -> which key does it carry             idempotency
//!         -> is its breaker closed               outages (and module `breakers`)
//!         -> is it known to be in vain           standing
//!         -> is there a place                    in_flight
//!         -> rate and quotas, over processes     ledgers
//!         -> still all so, and a permit          standing, `breakers`
//!         -> sent                                (crate `upstream`)
//!         -> how it ended: breaker, quota, what the attempt saw   call, seen
//! ```

mod call;
mod failures;
mod idempotency;
mod in_flight;
mod ledgers;
mod meanings;
mod outages;
mod seen;
mod sending;
mod service;
mod silence;
mod standing;

pub use call::OutboundRequest;
pub(crate) use call::Unanswered;
pub use idempotency::{IdempotencyKeys, KeySource};
pub(crate) use idempotency::{KeyedRequest, Mark};
pub use in_flight::UpstreamLoad;
pub use ledgers::Ledgers;
pub use meanings::meanings;
pub use seen::{CallObserver, Seen};
#[cfg(test)]
pub(crate) use seen::{RequestBegin, RequestEnd};
pub use service::{Current, Service, Services};
pub use standing::TaskUnderWay;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::breakers::BreakerRegistry;
use fusebox_events::{Event, EventSender};
use fusebox_resilience::{Allowance, BudgetRules, FairBudget};
use fusebox_store::journal::Appender;
use fusebox_types::TaskIndex;
use fusebox_upstream::Caller;
use in_flight::InFlight;
use outages::Outages;
use sending::Sending;
use standing::Standing;

/// The way of a session's guests to its upstreams.
#[derive(Debug)]
pub struct Gateway {
    services: Current,
    /// What goes on whatever a reload changes, by upstream.
    upstream_states: Mutex<BTreeMap<String, Arc<UpstreamState>>>,
    breakers: Arc<BreakerRegistry>,
    caller: Caller,
    /// What need not be asked, because it is known to be in vain.
    standing: Standing,
    events: EventSender,
    /// Knows of requests that must not be sent twice.
    journal: Option<Appender>,
}

/// What a session counts of an upstream.
#[derive(Debug)]
pub(crate) struct UpstreamState {
    in_flight: InFlight,
    /// The retries that failures of this upstream may cost, each agent its part.
    budget: FairBudget,
    outages: Outages,
}

impl UpstreamState {
    fn new(upstream: &str, services: Current, agents: usize) -> Self {
        Self {
            in_flight: InFlight::new(upstream, services),
            budget: FairBudget::new(agents),
            outages: Outages::default(),
        }
    }

    /// The retries that failures of the upstream may cost an agent.
    pub(crate) fn allowance(&self, agent: usize, rules: &BudgetRules) -> Allowance<'_> {
        self.budget.allowance(agent, rules)
    }
}

impl Gateway {
    /// The way to these upstreams, without a journal.
    pub fn new(services: Current, breakers: Arc<BreakerRegistry>, events: EventSender) -> Self {
        Self {
            standing: Standing::new(services.clone(), events.clone()),
            services,
            upstream_states: Mutex::default(),
            breakers,
            caller: Caller::default(),
            events,
            journal: None,
        }
    }

    /// The same way, with a journal that is told of requests that must not be
    /// sent twice.
    pub fn with_journal(self, journal: Option<Appender>) -> Self {
        Self { journal, ..self }
    }

    /// What tells the journal, if there is one, of an attempt's requests.
    pub(crate) fn sending(&self, task: TaskIndex, attempt: u32) -> Option<Sending> {
        self.journal.clone().map(|journal| Sending {
            journal,
            task,
            attempt,
        })
    }

    /// What is counted of an upstream.
    pub(crate) fn upstream_state(&self, upstream: &str) -> Arc<UpstreamState> {
        let mut upstream_states = self.upstream_states();
        match upstream_states.get(upstream) {
            Some(upstream_state) => upstream_state.clone(),
            None => {
                let (services, agents) = (self.services.clone(), self.breakers.agents());
                let upstream_state = Arc::new(UpstreamState::new(upstream, services, agents));
                upstream_states.insert(upstream.to_owned(), upstream_state.clone());
                upstream_state
            }
        }
    }

    /// How much each upstream is asked at the moment that was asked at all.
    pub fn loads(&self) -> BTreeMap<String, UpstreamLoad> {
        let states = self.upstream_states();
        let load = |(name, state): (&String, &Arc<UpstreamState>)| (name.clone(), state.in_flight.load());
        states.iter().map(load).collect()
    }

    /// Has the requests that wait follow the upstreams' rules, which may have changed.
    pub fn reloaded(&self) {
        let states: Vec<_> = self.upstream_states().values().cloned().collect();
        states.iter().for_each(|state| state.in_flight.reloaded());
    }

    fn upstream_states(&self) -> MutexGuard<'_, BTreeMap<String, Arc<UpstreamState>>> {
        self.upstream_states
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the session's readers, without waiting for them.
    fn tell(&self, event: Event) {
        tell(&self.events, event);
    }
}

/// Tells the session's readers, without waiting for them: where they are behind,
/// a task of its own waits.
fn tell(events: &EventSender, event: Event) {
    if let Some(event) = events.try_send(event)
        && let Ok(runtime) = tokio::runtime::Handle::try_current()
    {
        let events = events.clone();
        runtime.spawn(async move { events.send(event).await });
    }
}
