//! The loop for one task: permit, attempt, classify, decide, event.

use std::future::{Future, poll_fn};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use jiff::Timestamp;

use super::graph::{Graph, Task, TaskIndex};
use super::handover;
use super::scheduler::Ready;
use super::status::TaskStatus;
use crate::bindings::{self, Completeness};
use crate::event::{AttemptRecord, Event, Outbox, Output, TaskRecord};
use crate::failure::{Code, Failure};
use crate::plugin::{self, Agent, Lease};
use crate::resilience::{GiveUp, Verdict, decide};
use crate::sandbox::{self, AttemptPlan, Circumstances, Mode, Outside};

/// How long to wait when there was no room for a sandbox.
const SHED_WAIT: Duration = Duration::from_millis(20);
/// How often to wait so before the task fails: a minute in all.
const SHED_TRIES: u32 = 3_000;

/// Carries tasks to their ends.
pub(super) struct Executor {
    pub(super) session: String,
    pub(super) graph: Arc<Graph>,
    /// The agents, as the graph's indices name them.
    pub(super) agents: Vec<Arc<Agent>>,
    pub(super) outside: Arc<Outside>,
    /// For the jitter of retries.
    pub(super) seed: u64,
}

/// One task on its way.
struct Job<'a> {
    executor: &'a Executor,
    outbox: &'a mut Outbox,
    index: TaskIndex,
    task: &'a Task,
    agent: &'a Arc<Agent>,
    dependencies: Vec<bindings::Dependency>,
    mode: Mode,
    /// The number of the attempt that is due, from 1.
    number: u32,
    instance: Option<usize>,
    previous: Option<Arc<Failure>>,
    partial: Option<Arc<Output>>,
}

/// What is to be done after an attempt.
enum Next {
    Again(Duration),
    End(TaskRecord),
}

impl Executor {
    /// Carries one task to its end and says what it came to.
    pub(super) async fn execute(&self, ready: Ready, outbox: &mut Outbox) -> TaskRecord {
        let Some(task) = self.graph.task(ready.index) else {
            return ended(TaskStatus::Failed);
        };
        let Some(agent) = self.agents.get(usize::from(task.agent)) else {
            return ended(TaskStatus::Failed);
        };
        if self.outside.cancel.is_cancelled() {
            return TaskRecord {
                reason: Some(GiveUp::Cancelled),
                ..ended(TaskStatus::Cancelled)
            };
        }
        if ready.skip {
            return TaskRecord {
                reason: Some(GiveUp::DependencyFailed),
                ..ended(TaskStatus::Skipped)
            };
        }
        let dependencies = handover::dependencies(&self.graph, task, ready.results);
        let whole = |d: &bindings::Dependency| d.completeness == Completeness::Complete;
        let mode = if dependencies.iter().all(whole) {
            Mode::Normal
        } else {
            Mode::Degraded
        };
        let job = Job {
            executor: self,
            outbox,
            index: ready.index,
            task,
            agent,
            dependencies,
            mode,
            number: 1,
            instance: None,
            previous: None,
            partial: None,
        };
        job.run().await
    }

    /// A number for one decision: the same for the same session seed.
    fn random(&self, task: TaskIndex, attempt: u32) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, task, attempt).hash(&mut hasher);
        hasher.finish()
    }
}

impl Job<'_> {
    async fn run(mut self) -> TaskRecord {
        if let Err(failure) = check_input(self.task, self.agent, &self.dependencies) {
            return self.failed(failure, GiveUp::NonRetryable);
        }
        let mut delay = Duration::ZERO;
        let mut shed = 0;
        loop {
            let Some(lease) = Lease::take(self.agent) else {
                return ended(TaskStatus::Failed);
            };
            let (attempt, result, lines) = self.attempt(&lease, delay).await;
            if let Some(failure) = attempt.failure.as_ref().filter(|failure| failure.code.is_shed())
                && shed < SHED_TRIES
            {
                tracing::debug!("no room for a sandbox: {failure}");
                shed += 1;
                drop(lease);
                self.pause(SHED_WAIT).await;
                continue;
            }
            let task = self.index;
            self.outbox.say(Event::AttemptEnded { task, attempt, lines });
            match self.after(result, &lease) {
                Next::End(record) => return record,
                Next::Again(wait) => {
                    drop(lease);
                    delay = wait;
                    self.number += 1;
                    if !self.pause(wait).await {
                        return self.cancelled();
                    }
                }
            }
        }
    }

    /// One attempt in a fresh sandbox.
    async fn attempt(
        &mut self,
        lease: &Lease<'_>,
        delay: Duration,
    ) -> (AttemptRecord, Result<Output, Arc<Failure>>, sandbox::Lines) {
        let task = self.index;
        self.instance = Some(lease.index());
        let number = self.number;
        let started = Timestamp::now();
        let instance = lease.instance();
        let request = handover::request(&self.executor.session, self.task, instance, &self.dependencies);
        let plan = AttemptPlan {
            limits: &lease.instance().limits,
            circumstances: Circumstances {
                number,
                maximum: instance.retry.max_attempts,
                mode: self.mode,
                previous: self.previous.clone(),
            },
            outside: &self.executor.outside,
            task,
        };
        let mut attempt = pin!(sandbox::run(&self.agent.pre, &request, plan));
        // What ends within its first slice of time was never under way for
        // anybody to see: its beginning and its end are told together. Where
        // there was no room for it, it never began.
        let first = poll_fn(|cx| Poll::Ready(attempt.as_mut().poll(cx))).await;
        if !matches!(&first, Poll::Ready(end) if end.is_shed()) {
            self.outbox.say(Event::AttemptStarted { task, number });
        }
        let end = match first {
            Poll::Ready(end) => end,
            Poll::Pending => {
                self.outbox.flush().await;
                attempt.await
            }
        };
        let result = end
            .result
            .map(handover::from_wire)
            .and_then(|output| check_output(self.agent, output))
            .map_err(Arc::new);
        if let Some(partial) = end.partial.map(handover::from_wire) {
            self.keep_partial(partial);
        }
        let attempt = AttemptRecord {
            number,
            instance: lease.index(),
            started,
            delay_before: delay,
            usage: end.usage,
            failure: result.as_ref().err().cloned(),
        };
        (attempt, result, end.lines)
    }

    /// Decides what comes after an attempt.
    fn after(&mut self, result: Result<Output, Arc<Failure>>, lease: &Lease<'_>) -> Next {
        let failure = match result {
            Ok(output) => {
                return Next::End(TaskRecord {
                    instance: self.instance,
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
        let random = self.executor.random(self.index, self.number);
        let idempotent = self.agent.about.idempotent;
        match decide(&lease.instance().retry, &failure, self.number, idempotent, random) {
            Verdict::Again(wait) => Next::Again(wait),
            Verdict::GiveUp(reason) => Next::End(self.failed(failure, reason)),
        }
    }

    /// Waits; says whether the wait came to its end.
    async fn pause(&mut self, wait: Duration) -> bool {
        self.outbox.flush().await;
        tokio::select! {
            () = tokio::time::sleep(wait) => true,
            () = self.executor.outside.cancel.cancelled() => false,
        }
    }

    fn failed(&self, failure: impl Into<Arc<Failure>>, reason: GiveUp) -> TaskRecord {
        let status = if self.partial.is_some() {
            TaskStatus::Degraded
        } else {
            TaskStatus::Failed
        };
        TaskRecord {
            instance: self.instance,
            partial: self.partial.clone(),
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

    /// Keeps a part of a result. It need not fit the schema, which describes a
    /// whole one.
    fn keep_partial(&mut self, partial: Output) {
        match plugin::check_media_type(&partial.content_type) {
            Ok(()) => self.partial = Some(Arc::new(partial)),
            Err(message) => tracing::warn!("a partial result is dropped: {message}"),
        }
    }
}

/// A record with nothing in it yet.
pub(super) fn ended(status: TaskStatus) -> TaskRecord {
    TaskRecord {
        status,
        instance: None,
        output: None,
        partial: None,
        failure: None,
        reason: None,
    }
}

/// Checks what the plugin would be given.
fn check_input(task: &Task, agent: &Agent, dependencies: &[bindings::Dependency]) -> Result<(), Failure> {
    let handed: usize = dependencies
        .iter()
        .filter_map(|d| d.content.as_ref())
        .map(|c| c.bytes.len())
        .sum();
    let (bytes, about) = ((task.input.bytes.len() + handed) as u64, &agent.about);
    let limit = agent
        .instances
        .iter()
        .map(|instance| instance.limits.input)
        .min()
        .unwrap_or(0);
    if bytes > limit {
        let message = format!("an input of {bytes} bytes, {limit} are the limit");
        return Err(Failure::new(Code::LimitInput, message));
    }
    about
        .accepts(&task.input)
        .map_err(|message| Failure::new(Code::InvalidInput, message))
}

/// Checks an output against what the plugin declares.
fn check_output(agent: &Agent, output: Output) -> Result<Output, Failure> {
    match agent.about.gives(&output) {
        Ok(()) => Ok(output),
        Err(message) => Err(Failure::new(Code::InvalidOutput, message)),
    }
}
