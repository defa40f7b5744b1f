//! The breakers of a session, shown and ordered from elsewhere.

use std::sync::Arc;

use super::live_settings::LiveSettings;
use fusebox_events::{BreakerView, Event};
use fusebox_resilience::breaker::{BreakerRules, State};
use fusebox_runtime::breakers::{BreakerRegistry, NamedBreaker, Of, Order};

/// The breakers of a session under way.
#[derive(Debug, Clone)]
pub struct Breakers {
    breakers: Arc<BreakerRegistry>,
    live: Arc<LiveSettings>,
}

/// A breaker that was asked for.
struct Found {
    of: Of,
    breaker: Arc<NamedBreaker>,
    rules: BreakerRules,
}

/// A session has no breaker of this key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no breaker `{key}` (there are: {})", known.join(", "))]
pub struct UnknownBreaker {
    /// What was asked for.
    pub key: String,
    /// What there is.
    pub known: Vec<String>,
}

impl Breakers {
    pub(crate) fn new(breakers: Arc<BreakerRegistry>, live: Arc<LiveSettings>) -> Self {
        Self { breakers, live }
    }

    /// All breakers, as they are now. An agent's own way to an upstream is shown
    /// while it is not closed.
    pub fn list(&self) -> Vec<BreakerView> {
        let shown = |(of, breaker): (Of, Arc<NamedBreaker>)| Some(breaker.view(&self.rules(of)?));
        let ways = self.breakers.ways().into_iter().filter_map(shown);
        let ways = ways.filter(|view| view.state != State::Closed.name());
        let all = self.breakers.all().into_iter().filter_map(shown);
        all.chain(ways).collect()
    }

    /// One breaker, as it is now.
    ///
    /// # Errors
    /// If there is no such breaker.
    pub fn show(&self, key: &str) -> Result<BreakerView, UnknownBreaker> {
        let Found { breaker, rules, .. } = self.find(key)?;
        Ok(breaker.view(&rules))
    }

    /// Does what is ordered, and says what that changed.
    ///
    /// # Errors
    /// If there is no such breaker.
    pub(crate) fn order(&self, key: &str, order: Order) -> Result<Vec<Event>, UnknownBreaker> {
        let Found { of, breaker, rules } = self.find(key)?;
        Ok(match of {
            Of::Upstream(name) if *key == *format!("upstream:{name}") => {
                self.breakers.order_upstream(&name, order, &rules)
            }
            _ => breaker.order(order, &rules).into_iter().collect(),
        })
    }

    fn find(&self, key: &str) -> Result<Found, UnknownBreaker> {
        let all = self.breakers.all();
        let known = all.iter().map(|(_, breaker)| breaker.key().to_owned()).collect();
        all.into_iter()
            .chain(self.breakers.ways())
            .find(|(_, breaker)| breaker.key() == key)
            .and_then(|(of, breaker)| {
                let rules = self.rules(of.clone())?;
                Some(Found { of, breaker, rules })
            })
            .ok_or_else(|| UnknownBreaker {
                key: key.to_owned(),
                known,
            })
    }

    /// The rules of a breaker, as they are now.
    fn rules(&self, of: Of) -> Option<BreakerRules> {
        match of {
            Of::Agent(index) => Some(self.live.agent(index)?.breaker),
            Of::Upstream(name) => Some(*self.live.services().load().by_name.get(&*name)?.breaker()),
        }
    }
}
