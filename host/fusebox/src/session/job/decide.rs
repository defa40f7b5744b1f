//! What comes after an attempt: the end, or another one after a wait.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Job, Next};
use crate::event::{Event, TaskRecord};
use crate::gateway::meanings;
use crate::plugin::{Agent, Instance};
use crate::policies::{Consultation, Decided, PastAttempt};
use crate::sandbox::Payer;
use crate::session::executor::ended;
use fusebox_resilience::{Budgets, Facts, Verdict, binding, effective};
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
        match self.apply(decided.verdict, &failure) {
            Verdict::Again(wait) => Next::Again(wait),
            Verdict::GiveUp(reason) => Next::End(self.failed(agent, said(failure, decided.reason), reason)),
        }
    }

    /// What the retry policy says of a failure.
    async fn consult(
        &self,
        agent: &Agent,
        instance: &Instance,
        failure: &Failure,
    ) -> (Decided, Option<Event>) {
        let (executor, progress) = (self.executor, &self.progress);
        let now = executor.outside.circuits.now();
        let facts = Facts {
            now,
            remaining: None,
            idempotent: agent.about.idempotent,
            random: executor.random(self.index, progress.number),
            meanings: meanings(),
        };
        let about = Consultation {
            agent: progress.agent,
            agent_name: &agent.name,
            instance,
            snapshot: progress.retries.snapshot(failure, &facts),
            history: &progress.history,
            budget_left: self.budgets(|budgets| budgets.own.left(now)),
            now: executor.started.elapsed(),
            random: facts.random,
        };
        executor.retries.decide(about).await
    }

    /// Keeps a failed attempt for the decisions to come.
    fn remember(&mut self, failure: &Arc<Failure>) {
        PastAttempt {
            number: self.progress.number,
            failure: failure.clone(),
            at: self.executor.started.elapsed(),
            delay_before: self.progress.retries.previous_delay(),
        }
        .remember_in(&mut self.progress.history);
    }

    /// Charges and counts the next attempt, if there is to be one.
    fn apply(&mut self, verdict: Verdict, failure: &Failure) -> Verdict {
        let (now, mut retries) = (self.executor.outside.circuits.now(), self.progress.retries);
        let verdict = self.budgets(|budgets| retries.apply(verdict, failure, budgets, now));
        self.progress.retries = retries;
        verdict
    }

    /// Does something with the budgets that the task's retries are charged to.
    pub(super) fn budgets<T>(&self, with: impl FnOnce(&Budgets<'_>) -> T) -> T {
        let payer = Payer {
            agent: self.progress.agent,
            upstream: self.progress.upstream.as_deref(),
            rules: self.executor.live.rules().retry_budget,
        };
        self.executor.outside.budgets(payer, with)
    }

    /// The number of the last attempt that may be made, after what has failed so
    /// far.
    pub(super) fn maximum(&self, instance: &Instance) -> u32 {
        let may_be_made = match (self.progress.previous.as_deref(), &instance.policy) {
            (Some(failure), None) => effective(&instance.retry, failure, meanings()).max_attempts,
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
