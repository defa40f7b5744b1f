//! One task in the hands of a worker: permit, attempt, classify, decide, event,
//! until it is over or has to wait. Then it is put aside as its progress, and
//! any worker takes it up again.

mod alike;
mod attempt;
mod begin;
mod chain;
mod decide;
mod degradation;
mod fallback;
mod handed_in;
mod hold;
mod instance;
mod keys;
mod no_room;
mod placement;
mod progress;
mod retries;
mod salvage;
mod standing;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub(super) use self::hold::told;
pub use self::keys::ResumedKeys;
pub(super) use self::progress::Progress;
use super::executor::Executor;
use super::graph::Task;
use super::scheduler::{HeldBy, Pause, Stake};
use crate::agents::Agent;
use fusebox_events::{AttemptRecord, Event, Outbox, TaskRecord};
use fusebox_resilience::GiveUp;
use fusebox_resilience::breaker::Outcome;
use fusebox_runtime::breakers::{Ended, NamedBreaker, OwnedPermit};
use fusebox_runtime::sandbox::{Mode, bindings};
use fusebox_types::failure::{Code, Failure};
use fusebox_types::{Output, TaskIndex, TaskStatus};

/// One task in the hands of a worker.
pub(super) struct Job<'a> {
    executor: &'a Executor,
    outbox: &'a mut Outbox,
    index: TaskIndex,
    task: &'a Task,
    dependencies: Vec<bindings::Dependency>,
    mode: Mode,
    progress: Progress,
}

/// What a worker has done with a task.
pub(super) enum JobOutcome {
    /// It is over.
    Over(TaskRecord),
    /// It has to wait for so long.
    Paused {
        why: Pause,
        wait: Duration,
        progress: Box<Progress>,
    },
}

/// That there was no room for a sandbox.
const NO_ROOM: Next = Next::Held {
    why: Pause::Held(HeldBy::Sandboxes, Stake::Nothing),
    wait: no_room::WAIT,
};

/// What is to be done after an attempt.
enum Next {
    Again(Duration),
    Held { why: Pause, wait: Duration },
    End(TaskRecord),
}

impl<'a> Job<'a> {
    /// Runs attempts until the task is over or has to wait. Each attempt is for
    /// the agent as it is when it begins.
    pub(super) async fn run_attempts(mut self) -> JobOutcome {
        let _under_way = self.executor.outside.gateway.under_way(self.index);
        loop {
            let Some(agent) = self.executor.live.agent(self.progress.placement.agent()) else {
                return self.over(self.left_alone());
            };
            if self.executor.outside.cancel.is_cancelled(self.index) {
                return self.over(self.cancelled(&agent));
            }
            match self.attempt_once(&agent).await {
                Next::Again(wait) => return self.paused(Pause::Waiting, wait),
                Next::Held { why, wait } => return self.paused(why, wait),
                Next::End(record) => {
                    self.note_end(&agent, &record);
                    let index = self.progress.placement.agent();
                    let said = instance::said_of_agent(&record);
                    self.executor.keeper.ended(index, &agent, self.index, said);
                    if let Some(record) = self.fall_back(record, &agent).await {
                        return self.over(record);
                    }
                }
            }
        }
    }

    /// The task's end, which says of all that was handed in why it is not there.
    fn over(&self, record: TaskRecord) -> JobOutcome {
        let keeps = self.keeps_partial(None);
        JobOutcome::Over(self.progress.salvage.accounted(record, keeps))
    }

    fn paused(self, why: Pause, wait: Duration) -> JobOutcome {
        let progress = Box::new(self.progress);
        JobOutcome::Paused { why, wait, progress }
    }

    /// One attempt, and what comes after it.
    async fn attempt_once(&mut self, agent: &Agent) -> Next {
        if let Err(failure) = agent.ready() {
            return Next::End(self.failed(agent, failure.clone(), GiveUp::NonRetryable));
        }
        if let Err(failure) = self.check_input(agent).await {
            return Next::End(self.failed(agent, failure, GiveUp::NonRetryable));
        }
        if let Some(next) = self.held_before(agent) {
            return next;
        }
        let Some((lease, instance)) = self.lease_of_use(agent) else {
            // The agent was replaced this very moment.
            return match self.progress.no_room.may_wait(Instant::now()) {
                true => NO_ROOM,
                false => Next::End(self.left_alone()),
            };
        };
        if let Some(failure) = self.known_end(instance) {
            return Next::End(self.failed(agent, failure, GiveUp::NonRetryable));
        }
        let permit = match self.permit(agent) {
            Ok(permit) => permit,
            Err(refusal) => return self.held_by_agent(agent, refusal),
        };
        let mut ended = self.run_sandboxed(agent, instance).await;
        self.return_lease(agent, lease, &ended.record).await;
        if ended.is_shed() && self.progress.no_room.may_wait(Instant::now()) {
            self.return_permit(agent, permit, &ended.record, Outcome::Ignored)
                .await;
            return NO_ROOM;
        }
        self.progress.no_room.clear();
        let after = self.held_after(&ended);
        ended.record.is_free = after.as_ref().is_some_and(|after| after.is_free);
        let (task, attempt, lines) = (self.index, ended.record.clone(), ended.lines);
        self.outbox.say(Event::AttemptEnded { task, attempt, lines });
        let next = match (after, ended.result) {
            (Some(after), Err(failure)) => self.hold_after(agent, instance, &after, failure),
            (_, result) => self.decide_next(agent, instance, result).await,
        };
        if let Next::Again(wait) = next {
            self.announce(wait, self.maximum(instance));
        }
        let vote = self.vote(agent, &next);
        self.return_permit(agent, permit, &ended.record, vote).await;
        next
    }

    /// The breaker of the agent that is at it.
    fn breaker(&self) -> Option<&'a Arc<NamedBreaker>> {
        let executor = self.executor;
        executor.outside.breakers.agent(self.progress.placement.agent())
    }

    /// The right to make an attempt, from the breaker of the agent.
    fn permit(&mut self, agent: &Agent) -> Result<Option<OwnedPermit>, Failure> {
        let Some(breaker) = self.breaker() else {
            return Ok(None);
        };
        let granted = OwnedPermit::acquire(breaker.clone(), agent.breaker);
        let (permit, event) = granted.map_err(|refusal| breaker.refused(&refusal))?;
        self.say_all(event);
        Ok(Some(permit))
    }

    /// Hands the agent's breaker its permit back, with what the task says of the agent.
    async fn return_permit(
        &mut self,
        agent: &Agent,
        permit: Option<OwnedPermit>,
        attempt: &AttemptRecord,
        outcome: Outcome,
    ) {
        let Some(permit) = permit else {
            return;
        };
        let (failure, duration) = (attempt.failure.as_deref(), attempt.usage.own_time());
        let random = self.executor.random(self.index, attempt.number);
        let Some(policy) = &agent.breaker_policy else {
            let event = permit.finish(outcome, duration, random);
            return self.say_all(event);
        };
        let ended = Ended {
            agent: &agent.name,
            instance: &attempt.instance,
            outcome,
            duration,
            failure,
        };
        let events = permit.finish_judged(ended, policy, random).await;
        self.say_all(events);
    }

    fn say_all(&mut self, events: impl IntoIterator<Item = Event>) {
        events.into_iter().for_each(|event| self.outbox.say(event));
    }

    /// What the task comes to when its agent's breaker is open: to what made it
    /// fail before, if anything did.
    fn refused(&self, agent: &Agent, refusal: Failure) -> TaskRecord {
        let failure = self
            .progress
            .retries
            .previous()
            .cloned()
            .unwrap_or_else(|| Arc::new(refusal));
        self.failed(agent, failure, GiveUp::BreakerOpen)
    }

    fn failed(&self, agent: &Agent, failure: impl Into<Arc<Failure>>, reason: GiveUp) -> TaskRecord {
        let partial = self.partial_to_keep(agent);
        let status = if partial.is_some() {
            TaskStatus::Degraded
        } else {
            TaskStatus::Failed
        };
        TaskRecord {
            instance: self.progress.placement.instance(),
            partial,
            failure: Some(failure.into()),
            reason: Some(reason),
            ..TaskRecord::new(status)
        }
    }

    /// The part of a result that there is, if those of the task's agent are kept,
    /// or of the one that is at it if that is gone.
    fn partial_to_keep(&self, agent: &Agent) -> Option<Arc<Output>> {
        let partial = self.progress.salvage.partial();
        partial.filter(|_| self.keeps_partial(Some(agent))).cloned()
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
