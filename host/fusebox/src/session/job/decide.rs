//! What comes after an attempt: the end, or another one after a wait.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Job, Next};
use crate::agents::{Agent, Instance};
use crate::session::executor::ended;
use fusebox_events::{Event, TaskRecord};
use fusebox_resilience::{GiveUp, Snapshot, Verdict, binding, effective};
use fusebox_runtime::policies::PastAttempt;
use fusebox_runtime::policies::{RetryDecision, RetryQuestion};
use fusebox_system::wall_clock;
use fusebox_types::failure::{Blame, Code, Failure};
use fusebox_types::{Output, TaskStatus};

impl Job<'_> {
    /// Decides what comes after an attempt.
    pub(super) async fn decide_next(
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
                    instance: self.progress.instance,
                    output: Some(output),
                    ..ended(TaskStatus::Succeeded)
                });
            }
            Err(failure) => failure,
        };
        if failure.code == Code::Cancelled {
            return Next::End(self.cancelled(agent));
        }
        self.progress.previous = Some(failure.clone());
        let (decided, strike) = self.consult(agent, instance, &failure).await;
        self.say_all(strike);
        self.remember(&failure);
        match decided.verdict {
            Verdict::Again(wait) if self.afford(&failure) => Next::Again(wait),
            Verdict::Again(_) => Next::End(self.failed(agent, failure, GiveUp::Budget)),
            Verdict::GiveUp(reason) => Next::End(self.failed(agent, said(failure, decided.reason), reason)),
        }
    }

    /// What the retry policy says of a failure.
    async fn consult(
        &self,
        agent: &Agent,
        instance: &Instance,
        failure: &Failure,
    ) -> (RetryDecision, Option<Event>) {
        let (executor, progress) = (self.executor, &self.progress);
        let (outside, budget) = (&executor.outside, executor.live.rules().retry_budget);
        let budget_left = outside
            .budget
            .left(usize::from(progress.agent), &budget, outside.circuits.now());
        let question = RetryQuestion {
            agent: &agent.name,
            instance: instance.id,
            rules: &instance.retry,
            policy: instance.policy.as_ref(),
            snapshot: Snapshot {
                failure,
                attempt: self.tries(),
                previous_delay: progress.delay,
                elapsed: progress
                    .started
                    .map_or(Duration::ZERO, |started| started.elapsed()),
                remaining: None,
                idempotent: agent.about.idempotent,
            },
            history: &progress.history,
            budget_left,
            now: executor.started.elapsed(),
            random: executor.random(self.index, progress.number),
        };
        let memories = executor.memories.of(progress.agent);
        question.decide(memories.map(|of| &of.retry)).await
    }

    /// Attempts, and what the guest tried again inside them: layers do not
    /// multiply.
    pub(super) fn tries(&self) -> u32 {
        (self.progress.number - self.progress.first + 1).saturating_add(self.progress.inner_retries)
    }

    /// Keeps a failed attempt for the decisions to come.
    fn remember(&mut self, failure: &Arc<Failure>) {
        PastAttempt {
            number: self.progress.number,
            failure: failure.clone(),
            at: self.executor.started.elapsed(),
            delay_before: self.progress.delay,
        }
        .remember_in(&mut self.progress.history);
    }

    /// Charges a retry to the budget, before the wait; false if there is none
    /// left.
    pub(super) fn afford(&self, failure: &Failure) -> bool {
        let rules = self.executor.live.rules().retry_budget;
        let agent = usize::from(self.progress.agent);
        if !failure.code.row().budget {
            return true;
        }
        let outside = &self.executor.outside;
        let upstream = self
            .progress
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

    /// The number of the last attempt that may be made, after what has failed so
    /// far.
    pub(super) fn maximum(&self, instance: &Instance) -> u32 {
        let may_be_made = match (self.progress.previous.as_deref(), &instance.policy) {
            (Some(failure), None) => effective(&instance.retry, failure).max_attempts,
            (Some(failure), Some(_)) => binding(&instance.retry, failure).max_attempts,
            (None, _) => instance.retry.max_attempts,
        };
        self.last_of(may_be_made)
    }

    /// The number of the last of so many attempts by the agent that is at it.
    pub(super) fn last_of(&self, attempts: u32) -> u32 {
        (self.progress.first - 1).saturating_add(attempts)
    }

    /// Says for what the task waits now.
    pub(super) fn announce(&mut self, wait: Duration, maximum: u32) {
        let (task, number) = (self.index, self.progress.number);
        let at = wall_clock::now().checked_add(wait).unwrap_or(Timestamp::MAX);
        self.outbox.say(Event::RetryScheduled {
            task,
            number,
            maximum,
            at,
        });
    }
}

/// A failure with what a policy said about it.
fn said(failure: Arc<Failure>, reason: Option<String>) -> Arc<Failure> {
    match reason {
        None => failure,
        Some(reason) => Arc::new(Failure::clone(&failure).with("policy", reason)),
    }
}
