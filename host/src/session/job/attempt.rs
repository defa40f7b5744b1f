//! One attempt at a task, and the checks around it.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::Job;
use crate::bindings;
use crate::event::{AttemptRecord, Event, Output};
use crate::failure::{Code, Failure};
use crate::plugin::{Agent, Instance};
use crate::sandbox::{self, AttemptEnd, AttemptPlan, Circumstances, InnerRetries, Lines, Services};
use crate::session::graph::Task;
use crate::session::handover;
use crate::wall_clock;

impl<'e> Job<'e> {
    /// One attempt in a fresh sandbox.
    pub(super) async fn attempt(
        &mut self,
        agent: &Agent,
        instance: &Instance,
    ) -> (AttemptRecord, Result<Output, Arc<Failure>>, Lines) {
        self.progress.started.get_or_insert_with(Instant::now);
        self.progress.instance = Some(instance.id);
        if !self.progress.tried.contains(&instance.id) {
            self.progress.tried.push(instance.id);
        }
        let number = self.progress.number;
        let started = wall_clock::now();
        let request = handover::request(&self.executor.session, self.told(), instance, &self.dependencies);
        let plan = self.plan(agent, instance);
        let attempt = pin!(sandbox::run(&agent.pre, &request, plan));
        let end = self.carry_out(attempt, instance, started).await;
        self.progress.inner_retries = self.progress.inner_retries.saturating_add(end.inner_retries);
        self.progress.upstream = end.upstream;
        self.say_all(end.circuits);
        let result = end
            .result
            .map(handover::from_wire)
            .and_then(|output| check_output(agent, output))
            .map_err(Arc::new);
        // What another agent leaves of its own result is no part of this one.
        let own = !self.stands_in();
        if let Some(partial) = end.partial.filter(|_| own).map(handover::from_wire) {
            self.keep_partial(agent, partial);
        }
        if let Some(fallback) = end.fallback.filter(|_| own).map(handover::from_wire) {
            self.keep_fallback(agent, fallback);
        }
        let attempt = AttemptRecord {
            number,
            agent: self.stands_in().then(|| agent.name.as_str().into()),
            instance: instance.id,
            started,
            delay_before: self.progress.delay,
            usage: end.usage,
            failure: result.as_ref().err().cloned(),
        };
        (attempt, result, end.lines)
    }

    /// Waits for the end of an attempt. One that ends within its first slice of
    /// time was never under way for anybody to see: its beginning and its end
    /// are told together. Where there was no room for it, it never began.
    async fn carry_out(
        &mut self,
        mut attempt: Pin<&mut impl Future<Output = AttemptEnd>>,
        instance: &Instance,
        started: Timestamp,
    ) -> AttemptEnd {
        let first = poll_fn(|cx| Poll::Ready(attempt.as_mut().poll(cx))).await;
        if !matches!(&first, Poll::Ready(end) if end.is_shed()) {
            let maximum = self.maximum(instance);
            self.outbox.say(Event::AttemptStarted {
                task: self.index,
                number: self.progress.number,
                maximum,
                at: started,
            });
        }
        match first {
            Poll::Ready(end) => end,
            Poll::Pending => {
                self.outbox.flush().await;
                attempt.await
            }
        }
    }

    /// Under what the attempt that is due runs.
    fn plan<'a>(&self, agent: &Agent, instance: &'a Instance) -> AttemptPlan<'a>
    where
        'e: 'a,
    {
        let executor = self.executor;
        let random = executor.random(self.index, self.progress.number);
        AttemptPlan {
            limits: &instance.limits,
            granted: instance.granted.as_ref(),
            circumstances: Circumstances {
                number: self.progress.number,
                maximum: self.last_of(instance.retry.most_attempts()),
                mode: self.mode,
                previous: self.progress.previous.clone(),
                idempotent: agent.about.idempotent,
            },
            retries: InnerRetries::new(
                instance.retry.clone(),
                self.progress.agent,
                executor.live.rules().retry_budget,
                self.tries(),
                random,
            ),
            identity: instance.identity.clone(),
            services: Services::new(self.progress.agent, agent.breaker, random),
            outside: &executor.outside,
            task: self.index,
        }
    }

    /// Whether another agent than the task's own is at it.
    pub(super) fn stands_in(&self) -> bool {
        self.progress.agent != self.task.agent
    }

    /// The task, and the settings that go with it: only its own agent knows what
    /// they mean.
    fn told(&self) -> (&'e Task, Option<&'e Map<String, Value>>) {
        let settings = self.task.settings.as_deref();
        (self.task, settings.filter(|_| !self.stands_in()))
    }

    /// Keeps a part of a result, in the place of an earlier one.
    fn keep_partial(&mut self, agent: &Agent, partial: Output) {
        match agent.about.gives_part(&partial) {
            Ok(()) => {
                self.progress.dropped.remove("partial");
                self.progress.partial = Some(Arc::new(partial));
            }
            Err(why) => {
                let why = format!("a partial result was not kept: {why}");
                self.progress.dropped.insert("partial", why);
            }
        }
    }

    /// Keeps what is to stand in for a result, which is to be a whole one.
    fn keep_fallback(&mut self, agent: &Agent, fallback: Output) {
        match agent.about.gives(&fallback) {
            Ok(()) => {
                self.progress.dropped.remove("fallback");
                self.progress.fallback = Some(Arc::new(fallback));
            }
            Err(why) => {
                let why = format!("what was handed in was not kept: {why}");
                self.progress.dropped.insert("fallback", why);
            }
        }
    }
}

/// Checks what the plugin would be given.
pub(super) fn check_input(
    task: &Task,
    agent: &Agent,
    dependencies: &[bindings::Dependency],
) -> Result<(), Failure> {
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
