//! An instance while it carries out an attempt.

use super::pool::AgentPool;
use crate::agents::Agent;
use fusebox_events::Event;
use fusebox_resilience::isolation::{Counted, IsolationRules, Lease, Outcome, Usage};
use fusebox_types::InstanceId;
use fusebox_types::failure::Failure;

/// The right to use an instance for one attempt. Dropped, it says nothing of
/// the instance.
#[derive(Debug)]
pub(crate) struct PoolLease<'a> {
    pool: &'a AgentPool,
    /// What held when the attempt began.
    rules: &'a IsolationRules,
    instance: InstanceId,
    lease: Option<Lease>,
}

impl<'a> PoolLease<'a> {
    pub(super) fn new(pool: &'a AgentPool, rules: &'a IsolationRules, lease: Lease) -> Self {
        Self {
            pool,
            rules,
            instance: lease.instance(),
            lease: Some(lease),
        }
    }

    pub(crate) fn instance(&self) -> InstanceId {
        self.instance
    }

    /// Hands it back with what the attempt came to, and says what that changed.
    pub(crate) async fn finish(
        mut self,
        failure: Option<&Failure>,
        usage: &fusebox_types::Usage,
        agent: &Agent,
        random: u64,
    ) -> Vec<Event> {
        match self.count(Outcome::from(failure), of(usage)) {
            // As nearly always.
            Counted::Nothing => Vec::new(),
            counted => self.pool.conclude(counted, failure, agent, random).await,
        }
    }

    fn count(&mut self, outcome: Outcome<'_>, usage: Usage) -> Counted {
        let Some(lease) = self.lease.take() else {
            return Counted::Nothing;
        };
        let now = self.pool.clock.now();
        self.pool.lock().count(lease, outcome, usage, self.rules, now)
    }
}

impl Drop for PoolLease<'_> {
    fn drop(&mut self) {
        // Nothing follows from an attempt of which nothing was learned.
        let _ = self.count(Outcome::Neutral, Usage::default());
    }
}

/// Whether the instance answers for a failure.
pub(crate) fn is_strike(failure: &Failure) -> bool {
    matches!(Outcome::of(failure), Outcome::Strike(_))
}

/// What an attempt took, as far as its instance answers for it.
pub(super) fn of(usage: &fusebox_types::Usage) -> Usage {
    Usage {
        duration: usage.own_time(),
        memory_peak: usage.memory_peak,
        cpu: usage.cpu,
    }
}
