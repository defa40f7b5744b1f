//! The pool of one agent.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::lease::PoolLease;
use crate::agents::Agent;
use fusebox_events::{Event, InstanceView};
use fusebox_resilience::isolation::{
    Case, Change, Counted, IsolationRules, Kind, Member, Pool, Quarantined, Refused,
};
use fusebox_runtime::breakers::Clock;
use fusebox_runtime::policies::{self, IsolationQuestion};
use fusebox_runtime::policy_memory::PolicyMemory;
use fusebox_types::InstanceId;
use fusebox_types::failure::Failure;

/// The instances of one agent. The lock is held for one call of the machine.
#[derive(Debug)]
pub(crate) struct AgentPool {
    agent: Arc<str>,
    pub(super) clock: Clock,
    pool: Mutex<Pool>,
    /// Of the policy that judges it, if one does.
    memory: PolicyMemory,
}

impl AgentPool {
    pub(super) fn new(agent: impl Into<Arc<str>>, clock: Clock) -> Self {
        Self {
            agent: agent.into(),
            clock,
            pool: Mutex::new(Pool::new(clock.now())),
            memory: PolicyMemory::default(),
        }
    }

    pub(crate) fn agent(&self) -> &str {
        &self.agent
    }

    /// Makes the instances of an agent its own, and says what that changed.
    pub(crate) fn reload(&self, agent: &Agent) -> Vec<Event> {
        let changes = self
            .lock()
            .reload(&members(agent), &agent.isolation, self.clock.now());
        changes
            .into_iter()
            .filter_map(|change| self.event(change))
            .collect()
    }

    /// Chooses an instance for an attempt of a task that has failed on these;
    /// none only if there are none at all.
    pub(crate) fn choose<'a>(&'a self, failed_on: &[InstanceId], agent: &'a Agent) -> Option<PoolLease<'a>> {
        let rules = &agent.isolation;
        let choice = self.lock().choose(failed_on, rules, self.clock.now())?;
        Some(PoolLease::new(self, rules, choice.lease))
    }

    /// Whether it goes on without an instance that fails: there are others, and
    /// at least half of them are well.
    pub(crate) fn can_spare_one(&self, rules: &IsolationRules) -> bool {
        let pool = self.lock();
        pool.size() > 1 && !pool.is_degraded(rules)
    }

    /// Judges what was counted, by the policy of the agent if it has one, and
    /// says what changed.
    pub(super) async fn conclude(
        &self,
        counted: Counted,
        failure: Option<&Failure>,
        agent: &Agent,
        random: u64,
    ) -> Vec<Event> {
        if let (Counted::Case(case), Some(failure), true) =
            (&counted, failure, agent.isolation_policy.is_some())
        {
            return self.consult(*case, failure, agent, random).await;
        }
        let change = self
            .lock()
            .judge(counted, &agent.isolation, self.clock.now(), random);
        change.and_then(|change| self.event(change)).into_iter().collect()
    }

    /// Has the policy judge a strike; the built-in one where that fails to.
    async fn consult(&self, case: Case, failure: &Failure, agent: &Agent, random: u64) -> Vec<Event> {
        let (rules, now) = (&agent.isolation, self.clock.now());
        let evidence = self.lock().evidence(case, rules, now);
        let (Some(policy), Some(evidence)) = (&agent.isolation_policy, evidence) else {
            return Vec::new();
        };
        let instance = case.instance();
        let question = IsolationQuestion {
            agent: &self.agent,
            instance: &instance,
            evidence,
            failure,
            now,
            random,
        };
        let asked = policies::ask(&question, policy, &self.memory).await;
        let now = self.clock.now();
        let change = match asked.decision {
            Some(ruling) => self.lock().apply(case, ruling, rules, now, random),
            None => self.lock().judge(Counted::Case(case), rules, now, random),
        };
        let change = change.and_then(|change| self.event(change));
        asked.event.into_iter().chain(change).collect()
    }

    /// Takes an instance out, for a time or for as long as the rules say.
    pub(crate) fn quarantine(
        &self,
        id: InstanceId,
        (time, why): (Option<Duration>, &str),
        rules: &IsolationRules,
        random: u64,
    ) -> Result<Option<Event>, Refused> {
        let now = self.clock.now();
        let change = self.lock().quarantine(id, time, why, rules, now, random)?;
        Ok(self.event(change))
    }

    /// Brings an instance back; nothing changes if it was not out.
    pub(crate) fn release(&self, id: InstanceId, rules: &IsolationRules) -> Result<Option<Event>, Refused> {
        let change = self.lock().release(id, rules, self.clock.now())?;
        Ok(change.and_then(|change| self.event(change)))
    }

    /// How its instances are doing.
    pub(crate) fn list(&self, rules: &IsolationRules) -> Vec<InstanceView> {
        let now = self.clock.now();
        let (health, out) = {
            let pool = self.lock();
            (pool.list(rules, now), pool.quarantined(rules, now))
        };
        let at = self.clock.timestamp(now);
        let quarantine = |id: InstanceId| out.iter().find(|one: &&Quarantined| one.instance == id);
        health
            .iter()
            .map(|health| InstanceView::new(&self.agent, health, quarantine(health.instance), at))
            .collect()
    }

    /// A change, as it is told. That the only instance would have to leave is
    /// not: it is no pool, and what it does is seen in its tasks.
    pub(super) fn event(&self, change: Change) -> Option<Event> {
        if matches!(change.kind, Kind::Held { .. }) && self.lock().size() < 2 {
            return None;
        }
        let until = match &change.kind {
            Kind::Quarantined(quarantined) => Some(change.at.saturating_add(quarantined.remaining)),
            Kind::Held { .. } | Kind::Released { .. } => None,
        };
        Some(Event::Instance {
            agent: self.agent.clone(),
            instance: change.instance,
            at: self.clock.timestamp(change.at),
            until: until.map(|until| self.clock.timestamp(until)),
            change: change.kind,
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The instances of an agent, as a pool knows them.
pub(super) fn members(agent: &Agent) -> Vec<Member> {
    let member = |id| Member {
        id,
        digest: agent.digest,
    };
    agent.instances.iter().map(|one| member(one.id)).collect()
}
