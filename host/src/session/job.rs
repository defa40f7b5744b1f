//! The loop for one task: permit, attempt, classify, decide, event.

mod attempt;
mod begin;
mod degradation;
mod fallback;
mod instance;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use self::attempt::check_input;
use super::executor::{Executor, ended};
use super::graph::{Task, TaskIndex};
use super::status::TaskStatus;
use crate::bindings;
use crate::circuits::Ended;
use crate::event::{AttemptRecord, Event, Outbox, Output, TaskRecord};
use crate::failure::{Blame, Code, Failure};
use crate::plugin::{Agent, Instance, InstanceId};
use crate::policies::{Consultation, PastAttempt};
use crate::resilience::breaker::Permit;
use crate::resilience::{GiveUp, Snapshot, Verdict, binding, effective};
use crate::sandbox::Mode;
use crate::wall_clock;

/// How long to wait when there was no room for a sandbox.
const SHED_WAIT: Duration = Duration::from_millis(20);
/// How often to wait so before the task fails: a minute in all.
const SHED_TRIES: u32 = 3_000;

/// One task on its way.
pub(super) struct Job<'a> {
    pub(super) executor: &'a Executor,
    pub(super) outbox: &'a mut Outbox,
    pub(super) index: TaskIndex,
    pub(super) task: &'a Task,
    pub(super) dependencies: Vec<bindings::Dependency>,
    pub(super) mode: Mode,
    /// The agent that carries it out: the task's own, or one that stands in.
    pub(super) agent: u16,
    /// The number of that agent's first attempt.
    pub(super) first: u32,
    /// The number of the attempt that is due, from 1.
    pub(super) number: u32,
    pub(super) instance: Option<InstanceId>,
    /// The instances that failed at it by their own doing, the last one last.
    pub(super) failed_on: Vec<InstanceId>,
    /// The instances of the agent that have tried it.
    pub(super) tried: Vec<InstanceId>,
    /// When the first attempt began, and how long the wait before this one was.
    pub(super) started: Instant,
    pub(super) delay: Duration,
    /// How often the guest has tried operations again inside its attempts.
    pub(super) inner_retries: u32,
    /// The upstream that the last attempt called.
    pub(super) upstream: Option<Arc<str>>,
    /// The last failed attempts, oldest first.
    pub(super) history: Vec<PastAttempt>,
    pub(super) previous: Option<Arc<Failure>>,
    pub(super) partial: Option<Arc<Output>>,
    /// What the guest handed in to stand in for a result.
    pub(super) fallback: Option<Arc<Output>>,
    /// Why what the guest handed in last was not kept, by what it was.
    pub(super) dropped: BTreeMap<&'static str, String>,
}

/// What is to be done after an attempt.
enum Next {
    Again(Duration),
    End(TaskRecord),
}

impl Job<'_> {
    /// Carries the task through its attempts by one agent. Each attempt is
    /// for the agent as it is when it begins; the first for the one given.
    async fn carry(&mut self, mut agent: Arc<Agent>) -> TaskRecord {
        let mut checked = false;
        let mut shed = 0;
        loop {
            if !std::mem::replace(&mut checked, true)
                && let Err(failure) = check_input(self.task, &agent, &self.dependencies)
            {
                return self.failed(&agent, failure, GiveUp::NonRetryable);
            }
            match self.turn(&agent, &mut shed).await {
                Next::End(record) => return record,
                Next::Again(wait) => {
                    if !self.pause(wait).await {
                        return self.cancelled(&agent);
                    }
                }
            }
            if let Some(now) = self.executor.live.agent(self.agent)
                && !Arc::ptr_eq(&now, &agent)
            {
                (agent, checked) = (now, false);
            }
        }
    }

    /// One attempt, and what comes after it.
    async fn turn(&mut self, agent: &Agent, shed: &mut u32) -> Next {
        let (lease, instance) = match self.lease(agent) {
            Some(chosen) => chosen,
            // The agent was replaced this very moment.
            None if *shed < SHED_TRIES => {
                *shed += 1;
                return Next::Again(SHED_WAIT);
            }
            None => return Next::End(ended(TaskStatus::Failed)),
        };
        let permit = match self.permit(agent) {
            Ok(permit) => permit,
            Err(refusal) => return Next::End(self.refused(agent, refusal)),
        };
        let (attempt, result, lines) = self.attempt(agent, instance).await;
        self.return_lease(agent, lease, &attempt).await;
        self.return_permit(agent, permit, &attempt).await;
        if let Some(failure) = attempt
            .failure
            .as_ref()
            .filter(|failure| failure.code == Code::ShedPool)
            && *shed < SHED_TRIES
        {
            tracing::debug!("no room for a sandbox: {failure}");
            *shed += 1;
            return Next::Again(SHED_WAIT);
        }
        if self.number == self.first {
            let (agent, rules) = (usize::from(self.agent), self.executor.live.rules().retry_budget);
            let outside = &self.executor.outside;
            outside
                .budget
                .first_attempt(agent, &rules, outside.circuits.now());
            if let Some(upstream) = &self.upstream {
                outside.gateway.first_attempt(upstream, agent, &rules);
            }
        }
        let task = self.index;
        self.outbox.say(Event::AttemptEnded { task, attempt, lines });
        let next = self.after(agent, instance, result).await;
        if let Next::Again(wait) = next {
            let maximum = self.maximum(instance);
            self.delay = wait;
            self.number += 1;
            self.announce(wait, maximum);
        }
        next
    }

    /// The right to make an attempt, from the circuit of the agent.
    fn permit(&mut self, agent: &Agent) -> Result<Option<Permit>, Failure> {
        let Some(circuit) = self.executor.outside.circuits.agent(self.agent) else {
            return Ok(None);
        };
        let granted = circuit.acquire(&agent.breaker);
        let (permit, event) = granted.map_err(|refusal| circuit.refused(&refusal))?;
        self.say_all(event);
        Ok(Some(permit))
    }

    async fn return_permit(&mut self, agent: &Agent, permit: Option<Permit>, attempt: &AttemptRecord) {
        let circuit = self.executor.outside.circuits.agent(self.agent);
        let (Some(circuit), Some(permit)) = (circuit, permit) else {
            return;
        };
        let (failure, duration) = (attempt.failure.as_deref(), attempt.usage.wall);
        let outcome = self.outcome(agent, failure);
        let random = self.executor.random(self.index, attempt.number);
        let Some(policy) = &agent.breaker_policy else {
            let event = circuit.finish(permit, (outcome, duration), &agent.breaker, random);
            return self.say_all(event);
        };
        let ended = Ended {
            agent: &agent.name,
            instance: &attempt.instance,
            outcome,
            duration,
            failure,
        };
        let rules = &agent.breaker;
        let events = circuit.finish_judged(permit, ended, rules, policy, random).await;
        self.say_all(events);
    }

    fn say_all(&mut self, events: impl IntoIterator<Item = Event>) {
        events.into_iter().for_each(|event| self.outbox.say(event));
    }

    /// What the task comes to when its agent's circuit is open: to what made it
    /// fail before, if anything did.
    fn refused(&self, agent: &Agent, refusal: Failure) -> TaskRecord {
        let failure = self.previous.clone().unwrap_or_else(|| Arc::new(refusal));
        self.failed(agent, failure, GiveUp::BreakerOpen)
    }

    /// Decides what comes after an attempt.
    async fn after(
        &mut self,
        agent: &Agent,
        instance: &Instance,
        result: Result<Output, Arc<Failure>>,
    ) -> Next {
        let failure = match result {
            Ok(output) => {
                let output = Arc::new(output);
                self.keep_good(agent, instance, &output);
                return Next::End(TaskRecord {
                    instance: self.instance,
                    output: Some(output),
                    ..ended(TaskStatus::Succeeded)
                });
            }
            Err(failure) => failure,
        };
        if failure.code == Code::Cancelled {
            return Next::End(self.cancelled(agent));
        }
        self.previous = Some(failure.clone());
        let snapshot = Snapshot {
            failure: &failure,
            attempt: self.tries(),
            previous_delay: self.delay,
            elapsed: self.started.elapsed(),
            remaining: None,
            idempotent: agent.about.idempotent,
        };
        let index = self.agent;
        let (budget, outside) = (self.executor.live.rules().retry_budget, &self.executor.outside);
        let about = Consultation {
            agent: index,
            agent_name: &agent.name,
            instance,
            snapshot,
            history: &self.history,
            budget_left: outside
                .budget
                .left(usize::from(index), &budget, outside.circuits.now()),
            now: self.executor.started.elapsed(),
            random: self.executor.random(self.index, self.number),
        };
        let (decided, strike) = self.executor.retries.decide(about).await;
        self.say_all(strike);
        self.remember(&failure);
        match decided.verdict {
            Verdict::Again(wait) if self.afford(&failure) => Next::Again(wait),
            Verdict::Again(_) => Next::End(self.failed(agent, failure, GiveUp::Budget)),
            Verdict::GiveUp(reason) => Next::End(self.failed(agent, said(failure, decided.reason), reason)),
        }
    }

    /// Attempts, and what the guest tried again inside them: layers do not
    /// multiply.
    pub(super) fn tries(&self) -> u32 {
        (self.number - self.first + 1).saturating_add(self.inner_retries)
    }

    /// Keeps a failed attempt for the decisions to come.
    fn remember(&mut self, failure: &Arc<Failure>) {
        PastAttempt {
            number: self.number,
            failure: failure.clone(),
            at: self.executor.started.elapsed(),
            delay_before: self.delay,
        }
        .remember_in(&mut self.history);
    }

    /// Charges a retry to the budget, before the wait; false if there is none
    /// left.
    fn afford(&self, failure: &Failure) -> bool {
        let rules = self.executor.live.rules().retry_budget;
        let agent = usize::from(self.agent);
        if !failure.code.row().budget {
            return true;
        }
        let outside = &self.executor.outside;
        let upstream = self
            .upstream
            .as_ref()
            .filter(|_| failure.blame == Blame::Upstream);
        // The upstream's first: what is charged is not given back.
        upstream.is_none_or(|upstream| outside.gateway.afford(upstream, agent, &rules))
            && outside
                .budget
                .charge(agent, &rules, outside.circuits.now())
                .is_some()
    }

    /// How many attempts may be made, after what has failed so far.
    fn maximum(&self, instance: &Instance) -> u32 {
        match (self.previous.as_deref(), &instance.policy) {
            (Some(failure), None) => effective(&instance.retry, failure).max_attempts,
            (Some(failure), Some(_)) => binding(&instance.retry, failure).max_attempts,
            (None, _) => instance.retry.max_attempts,
        }
    }

    /// Says for what the task waits now.
    fn announce(&mut self, wait: Duration, maximum: u32) {
        let (task, number) = (self.index, self.number);
        let at = wall_clock::now().checked_add(wait).unwrap_or(Timestamp::MAX);
        self.outbox.say(Event::RetryScheduled {
            task,
            number,
            maximum,
            at,
        });
    }

    /// Waits; says whether the wait came to its end.
    async fn pause(&mut self, wait: Duration) -> bool {
        self.outbox.flush().await;
        tokio::select! {
            () = self.executor.sleeper.sleep(wait) => true,
            () = self.executor.outside.cancel.cancelled(self.index) => false,
        }
    }

    fn failed(&self, agent: &Agent, failure: impl Into<Arc<Failure>>, reason: GiveUp) -> TaskRecord {
        let partial = self.partial.clone().filter(|_| agent.degradation.keep_partial);
        let failure = self.with_dropped(failure.into());
        let status = if partial.is_some() {
            TaskStatus::Degraded
        } else {
            TaskStatus::Failed
        };
        TaskRecord {
            instance: self.instance,
            partial,
            failure: Some(failure),
            reason: Some(reason),
            ..ended(status)
        }
    }

    /// A failure with why something that the guest handed in was not kept.
    fn with_dropped(&self, failure: Arc<Failure>) -> Arc<Failure> {
        if self.dropped.is_empty() {
            return failure;
        }
        let told = Failure::clone(&failure);
        let dropped = self.dropped.iter();
        Arc::new(dropped.fold(told, |told, (what, why)| told.with(what, why.clone())))
    }

    fn cancelled(&self, agent: &Agent) -> TaskRecord {
        TaskRecord {
            status: TaskStatus::Cancelled,
            ..self.failed(
                agent,
                Failure::new(Code::Cancelled, self.executor.outside.cancel.why()),
                GiveUp::Cancelled,
            )
        }
    }
}

/// A failure with what a policy said about it.
fn said(failure: Arc<Failure>, reason: Option<String>) -> Arc<Failure> {
    match reason {
        None => failure,
        Some(reason) => Arc::new(Failure::clone(&failure).with("policy", reason)),
    }
}
