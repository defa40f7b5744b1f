//! What comes after an attempt: the end, or another one after a wait.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Job, Next};
use crate::agents::{Agent, Instance};
use fusebox_events::{Event, TaskRecord};
use fusebox_resilience::{Facts, GiveUp, Verdict, binding, effective};
use fusebox_runtime::gateway::meanings;
use fusebox_runtime::policies::{RetryDecision, RetryQuestion};
use fusebox_runtime::sandbox::Payer;
use fusebox_system::wall_clock;
use fusebox_types::failure::{Code, Failure};
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
                    instance: self.progress.placement.instance(),
                    output: Some(output),
                    ..TaskRecord::new(TaskStatus::Succeeded)
                });
            }
            Err(failure) => failure,
        };
        if failure.code == Code::Cancelled {
            return Next::End(self.cancelled(agent));
        }
        let (decided, strike) = self.consult(agent, instance, &failure).await;
        self.say_all(strike);
        let (executor, payer) = (self.executor, self.payer());
        let retries = &mut self.progress.retries;
        retries.failed(&failure, executor.started.elapsed());
        match retries.apply(decided.verdict, &failure, payer, &executor.outside) {
            Verdict::Again(wait) => Next::Again(wait),
            Verdict::GiveUp(reason) => {
                let not_before = not_before(&failure);
                if let (GiveUp::NotBefore, Some(time)) = (reason, not_before)
                    && !self.has_stand_in(agent)
                {
                    self.progress.retries.go_on();
                    return self.leave(agent, said(failure, decided.reason), time);
                }
                Next::End(TaskRecord {
                    not_before,
                    ..self.failed(agent, said(failure, decided.reason), reason)
                })
            }
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
        let now = executor.outside.breakers.now();
        let facts = Facts {
            now,
            remaining: None,
            idempotent: agent.about.idempotent,
            random: executor.random(self.index, progress.retries.number()),
            meanings: meanings(),
        };
        let question = RetryQuestion {
            agent: &agent.name,
            instance: instance.id,
            rules: &instance.retry,
            policy: instance.policy.as_ref(),
            snapshot: progress.retries.snapshot(failure, &facts),
            history: progress.retries.history(),
            budget_left: executor
                .outside
                .budgets(progress.retries.payer(self.payer()), |budgets| {
                    budgets.own.left(now)
                }),
            now: executor.started.elapsed(),
            random: facts.random,
        };
        let memories = executor.memories.of(progress.placement.agent());
        question.decide(memories.map(|of| &of.retry)).await
    }

    /// Who pays for the task's retries, besides an upstream.
    pub(super) fn payer(&self) -> Payer<'static> {
        Payer {
            agent: self.progress.placement.agent(),
            upstream: None,
            rules: self.executor.live.rules().retry_budget,
        }
    }

    /// The number of the last attempt that may be made, after what has failed so
    /// far.
    pub(super) fn maximum(&self, instance: &Instance) -> u32 {
        let may_be_made = match (self.progress.retries.previous(), &instance.policy) {
            (Some(failure), None) => effective(&instance.retry, failure, meanings()).max_attempts,
            (Some(failure), Some(_)) => binding(&instance.retry, failure).max_attempts,
            (None, _) => instance.retry.max_attempts,
        };
        self.progress.retries.last_of(may_be_made)
    }

    /// Says for what the task waits now.
    pub(super) fn announce(&mut self, wait: Duration, maximum: u32) {
        let (task, number) = (self.index, self.progress.retries.number());
        let at = wall_clock::now().checked_add(wait).unwrap_or(Timestamp::MAX);
        self.outbox.say(Event::RetryScheduled {
            task,
            number,
            maximum,
            at,
        });
    }
}

/// Before when nobody is to try again, after a failure of this moment. A breaker
/// is the host's own: nobody outside asked.
fn not_before(failure: &Failure) -> Option<Timestamp> {
    let asked = failure.retry_after_ms.filter(|asked| *asked > 0);
    let asked = asked.filter(|_| failure.code != Code::ShedBreaker)?;
    let time = wall_clock::now().checked_add(Duration::from_millis(asked));
    Some(time.unwrap_or(Timestamp::MAX))
}

/// A failure with what a policy said about it.
fn said(failure: Arc<Failure>, reason: Option<String>) -> Arc<Failure> {
    match reason {
        None => failure,
        Some(reason) => Arc::new(Failure::clone(&failure).with("policy", reason)),
    }
}
