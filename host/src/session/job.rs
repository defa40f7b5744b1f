//! The loop for one task: permit, attempt, classify, decide, event.

mod attempt;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use self::attempt::check_input;
use super::circuits::outcome;
use super::consult::{Consultation, PastAttempt};
use super::executor::{Executor, ended};
use super::graph::{Task, TaskIndex};
use super::status::TaskStatus;
use crate::bindings;
use crate::event::{AttemptRecord, Event, Outbox, Output, TaskRecord};
use crate::failure::{Code, Failure};
use crate::plugin::{Agent, Instance, Lease};
use crate::resilience::breaker::Permit;
use crate::resilience::{GiveUp, Snapshot, Verdict, effective};
use crate::sandbox::Mode;

/// How long to wait when there was no room for a sandbox.
const SHED_WAIT: Duration = Duration::from_millis(20);
/// Longest reason of a policy that is kept, in bytes.
const MAX_REASON: usize = 200;
/// How often to wait so before the task fails: a minute in all.
const SHED_TRIES: u32 = 3_000;

/// One task on its way.
pub(super) struct Job<'a> {
    pub(super) executor: &'a Executor,
    pub(super) outbox: &'a mut Outbox,
    pub(super) index: TaskIndex,
    pub(super) task: &'a Task,
    pub(super) agent: Arc<Agent>,
    pub(super) dependencies: Vec<bindings::Dependency>,
    pub(super) mode: Mode,
    /// The number of the attempt that is due, from 1.
    pub(super) number: u32,
    pub(super) instance: Option<Arc<str>>,
    /// When the first attempt began, and how long the wait before this one was.
    pub(super) started: Instant,
    pub(super) delay: Duration,
    /// How often the guest has tried operations again inside its attempts.
    pub(super) inner_retries: u32,
    /// The last failed attempts, oldest first.
    pub(super) history: Vec<PastAttempt>,
    pub(super) previous: Option<Arc<Failure>>,
    pub(super) partial: Option<Arc<Output>>,
}

/// What is to be done after an attempt.
enum Next {
    Again(Duration),
    End(TaskRecord),
}

impl Job<'_> {
    /// Carries the task to its end and says what it came to.
    pub(super) async fn run(mut self) -> TaskRecord {
        let mut checked = None;
        let mut shed = 0;
        loop {
            if let Err(failure) = self.look_up(&mut checked) {
                return self.failed(failure, GiveUp::NonRetryable);
            }
            let lease = Lease::take(&self.agent);
            let Some(instance) = lease.as_ref().and_then(Lease::instance) else {
                return ended(TaskStatus::Failed);
            };
            let permit = match self.permit() {
                Ok(permit) => permit,
                Err(refusal) => return self.refused(refusal),
            };
            let (attempt, result, lines) = self.attempt(instance).await;
            self.return_permit(permit, &attempt);
            if let Some(failure) = attempt.failure.as_ref().filter(|failure| failure.code.is_shed())
                && shed < SHED_TRIES
            {
                tracing::debug!("no room for a sandbox: {failure}");
                shed += 1;
                drop(lease);
                if !self.pause(SHED_WAIT).await {
                    return self.cancelled();
                }
                continue;
            }
            if self.number == 1 {
                let agent = usize::from(self.task.agent);
                self.executor.outside.budget.first_attempt(agent);
            }
            let task = self.index;
            self.outbox.say(Event::AttemptEnded { task, attempt, lines });
            match self.after(result, instance).await {
                Next::End(record) => return record,
                Next::Again(wait) => {
                    let maximum = self.maximum(instance);
                    drop(lease);
                    self.delay = wait;
                    self.number += 1;
                    self.announce(wait, maximum);
                    if !self.pause(wait).await {
                        return self.cancelled();
                    }
                }
            }
        }
    }

    /// Takes the agent as it is now, and checks the input against it if it is
    /// another one than before.
    fn look_up(&mut self, checked: &mut Option<Arc<Agent>>) -> Result<(), Failure> {
        if let Some(agent) = self.executor.live.agent(self.task.agent) {
            self.agent = agent;
        }
        if checked
            .as_ref()
            .is_some_and(|agent| Arc::ptr_eq(agent, &self.agent))
        {
            return Ok(());
        }
        check_input(self.task, &self.agent, &self.dependencies)?;
        *checked = Some(self.agent.clone());
        Ok(())
    }

    /// The right to make an attempt, from the circuit of the agent.
    fn permit(&mut self) -> Result<Option<Permit>, Failure> {
        let circuits = &self.executor.circuits;
        circuits.acquire(self.task.agent, &self.agent.breaker, self.outbox)
    }

    fn return_permit(&mut self, permit: Option<Permit>, attempt: &AttemptRecord) {
        let ended = (outcome(attempt.failure.as_deref()), attempt.usage.wall);
        let random = self.executor.random(self.index, attempt.number);
        let (agent, rules) = (self.task.agent, &self.agent.breaker);
        let circuits = &self.executor.circuits;
        circuits.finish(agent, permit, ended, rules, random, self.outbox);
    }

    /// What the task comes to when its agent's circuit is open: to what made it
    /// fail before, if anything did.
    fn refused(&self, refusal: Failure) -> TaskRecord {
        let failure = self.previous.clone().unwrap_or_else(|| Arc::new(refusal));
        self.failed(failure, GiveUp::BreakerOpen)
    }

    /// Decides what comes after an attempt.
    async fn after(&mut self, result: Result<Output, Arc<Failure>>, instance: &Instance) -> Next {
        let failure = match result {
            Ok(output) => {
                return Next::End(TaskRecord {
                    instance: self.instance.clone(),
                    output: Some(Arc::new(output)),
                    ..ended(TaskStatus::Succeeded)
                });
            }
            Err(failure) => failure,
        };
        if failure.code == Code::Cancelled {
            return Next::End(self.cancelled());
        }
        self.previous = Some(failure.clone());
        let snapshot = Snapshot {
            failure: &failure,
            attempt: self.tries(),
            previous_delay: self.delay,
            elapsed: self.started.elapsed(),
            remaining: None,
            idempotent: self.agent.about.idempotent,
        };
        let agent = self.task.agent;
        let budget = &self.executor.live.rules().retry_budget;
        let about = Consultation {
            agent,
            agent_name: &self.agent.name,
            instance,
            snapshot,
            history: &self.history,
            budget_left: self.executor.outside.budget.left(usize::from(agent), budget),
            now: self.executor.started.elapsed(),
            random: self.executor.random(self.index, self.number),
        };
        let decided = self.executor.policies.decide(about, self.outbox).await;
        self.remember(&failure);
        match decided.verdict {
            Verdict::Again(wait) if self.afford(&failure) => Next::Again(wait),
            Verdict::Again(_) => Next::End(self.failed(failure, GiveUp::Budget)),
            Verdict::GiveUp(reason) => Next::End(self.failed(said(failure, decided.reason), reason)),
        }
    }

    /// Attempts, and what the guest tried again inside them: layers do not
    /// multiply.
    pub(super) fn tries(&self) -> u32 {
        self.number.saturating_add(self.inner_retries)
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
        let agent = usize::from(self.task.agent);
        !failure.code.row().budget || self.executor.outside.budget.charge(agent, &rules).is_some()
    }

    /// How many attempts may be made, after what has failed so far.
    fn maximum(&self, instance: &Instance) -> u32 {
        match (self.previous.as_deref(), &instance.policy) {
            (Some(failure), None) => effective(&instance.retry, failure).max_attempts,
            _ => instance.retry.max_attempts,
        }
    }

    /// Says for what the task waits now.
    fn announce(&mut self, wait: Duration, maximum: u32) {
        let (task, number) = (self.index, self.number);
        let at = Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX);
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
            () = tokio::time::sleep(wait) => true,
            () = self.executor.outside.cancel.cancelled(self.index) => false,
        }
    }

    fn failed(&self, failure: impl Into<Arc<Failure>>, reason: GiveUp) -> TaskRecord {
        let partial = self
            .partial
            .clone()
            .filter(|_| self.agent.degradation.keep_partial);
        let status = if partial.is_some() {
            TaskStatus::Degraded
        } else {
            TaskStatus::Failed
        };
        TaskRecord {
            instance: self.instance.clone(),
            partial,
            failure: Some(failure.into()),
            reason: Some(reason),
            ..ended(status)
        }
    }

    fn cancelled(&self) -> TaskRecord {
        TaskRecord {
            status: TaskStatus::Cancelled,
            ..self.failed(
                Failure::new(Code::Cancelled, "cancelled by the operator"),
                GiveUp::Cancelled,
            )
        }
    }
}

/// A failure with what a policy said about it.
fn said(failure: Arc<Failure>, reason: Option<String>) -> Arc<Failure> {
    match reason {
        None => failure,
        Some(mut reason) => {
            reason.truncate(reason.floor_char_boundary(MAX_REASON));
            Arc::new(Failure::clone(&failure).with("policy", reason))
        }
    }
}
