//! Which instance an attempt is for, and what it comes to for that instance.

use std::sync::Arc;

use super::{Job, Next};
use crate::agents::{Agent, Instance};
use crate::pools::{PoolLease, is_strike};
use fusebox_events::{AttemptRecord, TaskRecord};
use fusebox_resilience::breaker::Outcome;
use fusebox_runtime::breakers;
use fusebox_types::TaskStatus;
use fusebox_types::failure::Failure;

impl<'e> Job<'e> {
    /// An instance for the attempt that is due; none if the agent is not the one
    /// whose instances the pool has.
    pub(super) fn lease<'a>(&self, agent: &'a Agent) -> Option<(PoolLease<'a>, &'a Instance)>
    where
        'e: 'a,
    {
        let executor: &'e _ = self.executor;
        let lease = executor
            .pools
            .agent(self.progress.placement.agent())?
            .choose(self.progress.placement.failed_on(), agent)?;
        let instance = agent.instance(lease.instance())?;
        Some((lease, instance))
    }

    /// The same, for another instance if one lacks what others have.
    pub(super) fn lease_of_use<'a>(&mut self, agent: &'a Agent) -> Option<(PoolLease<'a>, &'a Instance)>
    where
        'e: 'a,
    {
        let (lease, instance) = self.lease(agent)?;
        if !self.is_better_elsewhere(agent, instance) {
            return Some((lease, instance));
        }
        drop(lease);
        self.lease(agent)
    }

    /// What an attempt for the instance would end with, if that is known before.
    pub(super) fn known_end(&self, instance: &Instance) -> Option<Arc<Failure>> {
        match self.progress.placement.is_worth(instance.id) {
            true => None,
            false => self.progress.retries.previous().cloned(),
        }
    }

    /// Hands the instance back. A retry after a strike goes to another one.
    pub(super) async fn return_lease(
        &mut self,
        agent: &Agent,
        lease: PoolLease<'_>,
        attempt: &AttemptRecord,
    ) {
        let failure = attempt.failure.as_deref();
        if failure.is_some_and(is_strike) {
            self.progress.placement.strike(attempt.instance);
        }
        let random = self.executor.random(self.index, attempt.number);
        let events = lease.finish(failure, &attempt.usage, agent, random).await;
        self.say_all(events);
    }

    /// What comes next says of the agent: one vote a task, at its end. The fault of one
    /// instance is not the agent's as long as the others carry its work: a breaker that
    /// opened for it would take them out as well.
    pub(super) fn vote(&self, agent: &Agent, next: &Next) -> Outcome {
        let Next::End(record) = next else {
            return Outcome::Ignored;
        };
        let outcome = said_of_agent(record);
        let failure = record.failure.as_deref();
        let pool = self.executor.pools.agent(self.progress.placement.agent());
        let can_spare_one = || pool.is_some_and(|pool| pool.can_spare_one(&agent.isolation));
        match outcome {
            Outcome::Failure if failure.is_some_and(is_strike) && can_spare_one() => Outcome::Ignored,
            outcome => outcome,
        }
    }
}

/// What a task's end says of the agent.
pub(super) fn said_of_agent(record: &TaskRecord) -> Outcome {
    match record.status {
        TaskStatus::Succeeded => Outcome::Success,
        // Part of a result was kept: it has shown something.
        TaskStatus::Degraded => Outcome::Ignored,
        _ => breakers::outcome(record.failure.as_deref()),
    }
}
