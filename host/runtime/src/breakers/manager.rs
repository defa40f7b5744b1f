//! Circuit breakers for an embedder's own calls, outside any session.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::changes::Common;
use super::named_breaker::NamedBreaker;
use super::order::Order;
use super::owned_permit::OwnedPermit;
use fusebox_events::BreakerView;
use fusebox_resilience::breaker::{BreakerRules, Outcome, State};

/// Circuit breakers by name, with the same rules and the same machine as those
/// of agents and upstreams.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use fusebox_runtime::breakers::{CallError, CircuitBreakers};
/// use fusebox_resilience::breaker::BreakerRules;
///
/// let breakers = CircuitBreakers::new();
/// breakers.create("mail", BreakerRules { failure_threshold: 1, ..Default::default() }).unwrap();
/// let failed = breakers.call("mail", async { Err::<(), _>("no route") }).await;
/// assert!(matches!(failed, Err(CallError::Failed("no route"))));
/// let refused = breakers.call("mail", async { Ok::<_, &str>(()) }).await;
/// assert!(matches!(refused, Err(CallError::Refused { .. })));
/// breakers.reset("mail");
/// assert!(breakers.call("mail", async { Ok::<_, &str>(()) }).await.is_ok());
/// # });
/// ```
#[derive(Debug)]
pub struct CircuitBreakers {
    common: Common,
    breakers: Mutex<BTreeMap<String, Named>>,
}

#[derive(Debug, Clone)]
struct Named {
    breaker: Arc<NamedBreaker>,
    rules: BreakerRules,
}

/// There is a circuit breaker of this name already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is a circuit breaker `{0}` already")]
pub struct NameTaken(pub String);

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError<E> {
    /// There is no circuit breaker of this name. The call was not made.
    #[error("there is no circuit breaker `{0}`")]
    Unknown(String),
    /// The breaker does not let it pass. The call was not made.
    #[error("the breaker is {state}")]
    Refused {
        /// The state that refuses.
        state: State,
        /// How long until it is worth asking again, if that is known.
        retry_after: Option<Duration>,
    },
    /// The call was made and failed.
    #[error("{0}")]
    Failed(E),
}

impl Default for CircuitBreakers {
    fn default() -> Self {
        Self::new()
    }
}

impl CircuitBreakers {
    /// None yet.
    pub fn new() -> Self {
        Self {
            common: Common::start(),
            breakers: Mutex::default(),
        }
    }

    /// Makes a closed one.
    ///
    /// # Errors
    /// If there is one of this name.
    pub fn create(&self, name: &str, rules: BreakerRules) -> Result<(), NameTaken> {
        let mut breakers = self.lock();
        if breakers.contains_key(name) {
            return Err(NameTaken(name.to_owned()));
        }
        let breaker = Arc::new(NamedBreaker::new(name, &self.common));
        breakers.insert(name.to_owned(), Named { breaker, rules });
        Ok(())
    }

    /// Makes a call through a breaker. A call that is dropped before its end
    /// counts nowhere.
    ///
    /// # Errors
    /// If the call was not made, or failed.
    pub async fn call<T, E>(
        &self,
        name: &str,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, CallError<E>> {
        let Some(Named { breaker, rules }) = self.get(name) else {
            return Err(CallError::Unknown(name.to_owned()));
        };
        let acquired = OwnedPermit::acquire(breaker.clone(), rules);
        let (permit, _) = acquired.map_err(|refusal| CallError::Refused {
            state: refusal.state,
            retry_after: breaker.wait(&refusal),
        })?;
        let began = Instant::now();
        let result = call.await;
        let outcome = match &result {
            Ok(_) => Outcome::Success,
            Err(_) => Outcome::Failure,
        };
        permit.finish(outcome, began.elapsed(), spread());
        result.map_err(CallError::Failed)
    }

    /// The state of one; none if there is none of this name.
    pub fn state(&self, name: &str) -> Option<State> {
        let named = self.get(name)?;
        Some(named.breaker.state(&named.rules))
    }

    /// What one has counted, and since when it is in its state; none if there is
    /// none of this name.
    pub fn metrics(&self, name: &str) -> Option<BreakerView> {
        let named = self.get(name)?;
        Some(named.breaker.view(&named.rules))
    }

    /// The same of all, by name.
    pub fn all(&self) -> Vec<BreakerView> {
        let view = |named: &Named| named.breaker.view(&named.rules);
        self.lock().values().map(view).collect()
    }

    /// Closes one and forgets what it counted; says whether there is one.
    pub fn reset(&self, name: &str) -> bool {
        self.order(name, Order::Reset)
    }

    /// Does what is ordered of one; says whether there is one.
    pub fn order(&self, name: &str, order: Order) -> bool {
        let named = self.get(name);
        if let Some(named) = &named {
            named.breaker.order(order, &named.rules);
        }
        named.is_some()
    }

    fn get(&self, name: &str) -> Option<Named> {
        self.lock().get(name).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Named>> {
        self.breakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What spreads the open times of breakers that open together.
fn spread() -> u64 {
    getrandom::u64().unwrap_or(0)
}
