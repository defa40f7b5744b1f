//! Health checks: an instance is asked what it is, beside its work.
//!
//! The answer is in its plugin, so it says whether the instance can be started
//! under its limits, how fast, and with how much. An instance that is the only
//! one of its agent is not asked by itself: it stays, whatever it answers, and
//! its tasks show how it is.

use std::sync::Arc;
use std::time::Duration;

use super::lease::{is_strike, of};
use super::pool::AgentPool;
use crate::agents::Agent;
use fusebox_events::Event;
use fusebox_resilience::isolation::{Check, Counted};
use fusebox_runtime::sandbox::{self, AttemptPlan, DESCRIBE_FUEL, Limits, SessionContext};
use fusebox_types::InstanceId;

impl AgentPool {
    /// A health check that is due, if there is one.
    pub(crate) fn next_check(&self, agent: &Agent) -> Option<Check> {
        let mut pool = self.lock();
        if pool.size() < 2 {
            return None;
        }
        pool.next_check(&agent.isolation, self.clock.now())
    }

    /// A health check of an instance, due or not.
    pub(crate) fn check(&self, id: InstanceId) -> Option<Check> {
        self.lock().check(id, self.clock.now())
    }

    /// Makes a health check, and says what it changed. One for which there was
    /// no room says nothing of the instance, and is made again.
    pub(crate) async fn make(
        &self,
        check: Check,
        agent: &Agent,
        outside: &Arc<SessionContext>,
        random: u64,
    ) -> Vec<Event> {
        let Some(instance) = agent.instance(check.instance()) else {
            return Vec::new();
        };
        let rules = &agent.isolation;
        let limits = limits(&instance.limits, rules.health_timeout);
        let (said, usage) = sandbox::describe(&agent.pre, AttemptPlan::first(&limits, outside)).await;
        let failure = said.err();
        if failure.as_ref().is_some_and(|failure| !is_strike(failure)) {
            return Vec::new();
        }
        let counted = self
            .lock()
            .count_check(check, failure.as_ref(), of(&usage), self.clock.now());
        match counted {
            Counted::Nothing => Vec::new(),
            counted => self.conclude(counted, failure.as_ref(), agent, random).await,
        }
    }
}

/// The limits of an instance with less time, and with the fuel that a plugin has
/// to say what it is.
fn limits(of_instance: &Limits, time: Duration) -> Limits {
    Limits {
        deadline: time.min(of_instance.deadline),
        fuel: DESCRIBE_FUEL.max(of_instance.fuel),
        ..*of_instance
    }
}
