//! The circuits of a session, shown and ordered from elsewhere.

use std::sync::Arc;

use super::live::Live;
use fusebox_events::{CircuitView, Event};
use fusebox_resilience::breaker::BreakerRules;
use fusebox_runtime::circuits::{Circuit, Circuits, Of, Order};

/// The circuits of a session under way.
#[derive(Debug, Clone)]
pub struct Breakers {
    circuits: Arc<Circuits>,
    live: Arc<Live>,
}

/// A session has no circuit of this key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no circuit `{key}` (there are: {})", known.join(", "))]
pub struct UnknownCircuit {
    /// What was asked for.
    pub key: String,
    /// What there is.
    pub known: Vec<String>,
}

impl Breakers {
    pub(crate) fn new(circuits: Arc<Circuits>, live: Arc<Live>) -> Self {
        Self { circuits, live }
    }

    /// All circuits, as they are now.
    pub fn list(&self) -> Vec<CircuitView> {
        let shown = |(of, circuit): (Of, Arc<Circuit>)| Some(circuit.view(&self.rules(of)?));
        self.circuits.all().into_iter().filter_map(shown).collect()
    }

    /// One circuit, as it is now.
    ///
    /// # Errors
    /// If there is no such circuit.
    pub fn show(&self, key: &str) -> Result<CircuitView, UnknownCircuit> {
        let (circuit, rules) = self.find(key)?;
        Ok(circuit.view(&rules))
    }

    /// Does what is ordered, and says what that changed.
    ///
    /// # Errors
    /// If there is no such circuit.
    pub(crate) fn order(&self, key: &str, order: Order) -> Result<Option<Event>, UnknownCircuit> {
        let (circuit, rules) = self.find(key)?;
        Ok(circuit.order(order, &rules))
    }

    fn find(&self, key: &str) -> Result<(Arc<Circuit>, BreakerRules), UnknownCircuit> {
        let all = self.circuits.all();
        let known = all.iter().map(|(_, circuit)| circuit.key().to_owned()).collect();
        all.into_iter()
            .find(|(_, circuit)| circuit.key() == key)
            .and_then(|(of, circuit)| Some((circuit, self.rules(of)?)))
            .ok_or_else(|| UnknownCircuit {
                key: key.to_owned(),
                known,
            })
    }

    /// The rules of a circuit, as they are now.
    fn rules(&self, of: Of) -> Option<BreakerRules> {
        match of {
            Of::Agent(index) => Some(self.live.agent(index)?.breaker),
            Of::Upstream(name) => Some(*self.live.services().load().by_name.get(&*name)?.breaker()),
        }
    }
}
