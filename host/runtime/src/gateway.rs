//! The only way of guests to upstreams: each request is chosen an upstream for,
//! and goes through its breaker, its places, its rate and its quotas, with no
//! code of the plugin's.
//!
//! ```text
//! request -> which upstream, and is it granted   service
//!         -> is its breaker closed               (the room `breakers`)
//!         -> is there a place                    places
//!         -> rate and quotas, over processes     ledgers
//!         -> sent                                (the room `upstream`)
//!         -> how it ended: breaker, quota, what the attempt saw   call, seen
//! ```

mod call;
mod failures;
mod ledgers;
mod meanings;
mod places;
mod seen;
mod sending;
mod service;

pub use call::Ask;
pub use ledgers::Ledgers;
pub use meanings::meanings;
pub use seen::{Seen, Witness};
pub use service::{Current, Service, Services};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::breakers::BreakerRegistry;
use fusebox_events::{Event, EventSender};
use fusebox_resilience::{Allowance, BudgetRules, FairBudget};
use fusebox_store::journal::Appender;
use fusebox_types::TaskIndex;
use fusebox_upstream::Caller;
use places::Places;
use sending::Sending;

/// The way of a session's guests to its upstreams.
#[derive(Debug)]
pub struct Gateway {
    services: Current,
    /// What goes on whatever a reload changes, by upstream.
    doors: Mutex<BTreeMap<String, Arc<Door>>>,
    breakers: Arc<BreakerRegistry>,
    caller: Caller,
    events: EventSender,
    /// Knows of requests that must not be sent twice.
    journal: Option<Appender>,
}

/// What a session counts of an upstream.
#[derive(Debug)]
pub(crate) struct Door {
    places: Places,
    /// The retries that failures of this upstream may cost, each agent its part.
    budget: FairBudget,
}

impl Door {
    fn new(agents: usize) -> Self {
        Self {
            places: Places::default(),
            budget: FairBudget::new(agents),
        }
    }

    /// The retries that failures of the upstream may cost an agent.
    pub(crate) fn allowance(&self, agent: usize, rules: &BudgetRules) -> Allowance<'_> {
        self.budget.allowance(agent, rules)
    }
}

impl Gateway {
    pub fn new(services: Current, breakers: Arc<BreakerRegistry>, events: EventSender) -> Self {
        Self {
            services,
            doors: Mutex::default(),
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
    pub(crate) fn door(&self, upstream: &str) -> Arc<Door> {
        let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        match doors.get(upstream) {
            Some(door) => door.clone(),
            None => {
                let door = Arc::new(Door::new(self.breakers.agents()));
                doors.insert(upstream.to_owned(), door.clone());
                door
            }
        }
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
