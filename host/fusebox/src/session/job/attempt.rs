//! One attempt at a task, and the checks around it.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Job;
use crate::agents::{Agent, Instance};
use crate::session::graph::Task;
use crate::session::task_input;
use fusebox_events::{AttemptRecord, Event};
use fusebox_runtime::plugin::{Check, Misfit};
use fusebox_runtime::sandbox::{
    self, AttemptContext, AttemptEnd, AttemptPlan, HostWork, InnerRetries, Services,
};
use fusebox_system::wall_clock;
use fusebox_types::failure::{Code, Failure};
use fusebox_types::{Lines, Output};

/// An attempt that has ended.
pub(super) struct AttemptEnded {
    pub(super) record: AttemptRecord,
    pub(super) result: Result<Output, Arc<Failure>>,
    pub(super) lines: Lines,
    /// How many requests were sent.
    pub(super) sent: u32,
    /// The upstream of whose breaker it was a probe, if it failed as that counts.
    pub(super) failed_probe: Option<Arc<str>>,
}

impl AttemptEnded {
    /// Whether there was no room for it, so that nothing of the guest ran.
    pub(super) fn is_shed(&self) -> bool {
        let failure = self.record.failure.as_deref();
        failure.is_some_and(|failure| failure.code == Code::ShedPool)
    }
}

impl<'e> Job<'e> {
    /// One attempt in a fresh sandbox.
    pub(super) async fn run_sandboxed(&mut self, agent: &Agent, instance: &Instance) -> AttemptEnded {
        let payer = self.payer();
        self.progress.retries.begin(payer, &self.executor.outside);
        self.progress.placement.begin(instance.id);
        let number = self.progress.retries.number();
        let started = wall_clock::now();
        let request = task_input::request(&self.executor.session, self.told(), instance, &self.dependencies);
        let plan = self.plan(agent, instance);
        let attempt = pin!(sandbox::run(&agent.pre, &request, plan));
        let mut end = self.wait_for_end(attempt, instance, started).await;
        self.progress.placement.bind(end.is_bound_to_keys);
        let called = end.upstream.is_some();
        self.executor
            .keeper
            .attempted(self.progress.placement.agent(), called);
        self.progress.retries.attempted(&mut end);
        self.say_all(std::mem::take(&mut end.breakers));
        let result = match end.result.map(task_input::from_wire) {
            Ok(output) => check_output(&end.work, agent, &output).await.map(|()| output),
            Err(failure) => Err(failure),
        };
        let result = result.map_err(|failure| Arc::new(self.told_if_alike(agent, failure, end.may_differ)));
        if result.is_err() {
            let handed_in = (end.partial.take(), end.fallback.take());
            self.keep_handed_in(agent, instance, handed_in).await;
        }
        let record = AttemptRecord {
            number,
            agent: self.stands_in().then(|| agent.name.as_str().into()),
            instance: instance.id,
            started,
            delay_before: self.progress.retries.delay(),
            usage: end.work.usage(),
            failure: result.as_ref().err().cloned(),
            is_free: false,
        };
        AttemptEnded {
            record,
            result,
            lines: end.lines,
            sent: end.sent,
            failed_probe: end.failed_probe,
        }
    }

    /// Waits for the end of an attempt. One that ends within its first slice of
    /// time was never under way for anybody to see: its beginning and its end
    /// are told together. Where there was no room for it, it never began.
    async fn wait_for_end<'a>(
        &mut self,
        mut attempt: Pin<&mut impl Future<Output = AttemptEnd<'a>>>,
        instance: &Instance,
        started: Timestamp,
    ) -> AttemptEnd<'a> {
        let first = poll_fn(|cx| Poll::Ready(attempt.as_mut().poll(cx))).await;
        if !matches!(&first, Poll::Ready(end) if end.is_shed()) {
            let maximum = self.maximum(instance);
            self.outbox.say(Event::AttemptStarted {
                task: self.index,
                number: self.progress.retries.number(),
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
        let random = executor.random(self.index, self.progress.retries.number());
        AttemptPlan {
            limits: &instance.limits,
            granted: instance.granted.as_ref(),
            context: AttemptContext {
                number: self.progress.retries.number(),
                maximum: self.progress.retries.last_of(instance.retry.most_attempts()),
                mode: self.mode,
                previous: self.progress.retries.previous().cloned(),
                idempotent: agent.about.idempotent,
            },
            retries: InnerRetries::new(
                instance.retry.clone(),
                self.payer(),
                self.progress.retries.called(),
                self.progress.retries.tries(),
                random,
            ),
            identity: instance.identity.clone(),
            services: Services::new(self.progress.placement.agent(), agent.breaker, random),
            keys: self.keys(agent, instance),
            outside: &executor.outside,
            task: self.index,
        }
    }

    /// Whether another agent than the task's own is at it.
    pub(super) fn stands_in(&self) -> bool {
        self.progress.placement.agent() != self.task.agent
    }

    /// The task, and the settings that go with it: only its own agent knows what
    /// they mean.
    fn told(&self) -> (&'e Task, Option<&'e Map<String, Value>>) {
        let settings = self.task.settings.as_deref();
        (self.task, settings.filter(|_| !self.stands_in()))
    }

    /// Checks what the plugin would be given.
    pub(super) async fn check_input(&self, agent: &Agent) -> Result<(), Failure> {
        let handed = self.dependencies.iter().filter_map(|d| d.content.as_ref());
        let handed: usize = handed.map(|content| content.bytes.len()).sum();
        let bytes = (self.task.input.bytes.len() + handed) as u64;
        let limit = agent.instances.iter().map(|instance| instance.limits.input).min();
        let limit = limit.unwrap_or(0);
        if bytes > limit {
            let message = format!("an input of {bytes} bytes, {limit} are the limit");
            return Err(Failure::new(Code::LimitInput, message));
        }
        let check = agent.about.accepts(&self.task.input);
        fits(
            Code::InvalidInput,
            check,
            &self.task.input.bytes,
            &self.host_work(agent)?,
        )
        .await
    }

    /// Work on what an agent's plugin says, of which nothing runs: under the limits
    /// of its first instance.
    pub(super) fn host_work<'a>(&'a self, agent: &'a Agent) -> Result<HostWork<'a>, Failure> {
        let instance = agent.instances.first();
        let instance =
            instance.ok_or_else(|| Failure::new(Code::HostEngine, "an agent without instances"))?;
        Ok(HostWork::new(
            &instance.limits,
            &self.executor.outside,
            self.index,
        ))
    }
}

/// Checks an output against what the plugin declares.
pub(super) async fn check_output(work: &HostWork<'_>, agent: &Agent, output: &Output) -> Result<(), Failure> {
    let check = agent.about.gives(output);
    fits(Code::InvalidOutput, check, &output.bytes, work).await
}

/// Checks a part of an output against what the plugin declares.
pub(super) async fn check_partial(
    work: &HostWork<'_>,
    agent: &Agent,
    partial: &Output,
) -> Result<(), Failure> {
    let check = agent.about.gives_part(partial);
    fits(Code::InvalidOutput, check, &partial.bytes, work).await
}

/// Whether some bytes are what a plugin declares; if not, a failure with this code.
async fn fits(
    code: Code,
    check: Result<Check<'_>, String>,
    bytes: &[u8],
    work: &HostWork<'_>,
) -> Result<(), Failure> {
    let check = match check {
        Ok(Check::Nothing) => return Ok(()),
        Ok(check) => check,
        Err(message) => return Err(Failure::new(code, message)),
    };
    let made = work.on(async |pace| check.make(bytes, pace).await).await?;
    let what = match code {
        Code::InvalidInput => "the input",
        _ => "the output",
    };
    made.map_err(|misfit| match misfit {
        Misfit::Value(message) => Failure::new(code, format!("{what}: {message}")),
        Misfit::Stopped(stop) => stop.into(),
    })
}
