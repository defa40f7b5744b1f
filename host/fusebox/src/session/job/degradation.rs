//! What a policy says of a task that has ended without a result.

use super::Job;
use super::fallback::Walk;
use crate::agents::Agent;
use fusebox_resilience::GiveUp;
use fusebox_resilience::degradation::{Ruling, Step};
use fusebox_runtime::policies::{self, DegradationDecision, DegradationQuestion};
use fusebox_types::TaskStatus;

impl Job<'_> {
    /// What is tried next: what the policy says, as it is now, or else what is
    /// first in the built-in order. None if nothing more is.
    pub(super) async fn next_step(&mut self, agent: &Agent, walk: &mut Walk) -> Option<Step> {
        let Some(decided) = self.decided(agent, walk).await else {
            return walk.left.take_first();
        };
        walk.note("degradation", &decided);
        match decided.ruling {
            Ruling::Try(step) => {
                walk.left.take(&step);
                return Some(step);
            }
            Ruling::LetFail => walk.let_fail(),
            Ruling::EndSession => {
                if let Some(partly) = walk.partial(self.progress.partial.clone(), agent) {
                    walk.record = partly;
                }
                walk.record.reason = Some(GiveUp::FailsSession);
                self.executor.outside.cancel.give_up();
            }
        }
        None
    }

    /// What the policy says, if there is one that can be asked and answers.
    async fn decided(&mut self, agent: &Agent, walk: &Walk) -> Option<DegradationDecision> {
        let executor = self.executor;
        let now = executor.live.agent(self.task.agent)?;
        let used = now.degradation_policy.as_ref()?;
        let failure = walk.record.failure.as_deref()?;
        let instance = walk.record.instance.map(|id| id.to_string());
        let fallbacks = walk.left.fallbacks(self.progress.fallback.is_some());
        let partial = self
            .progress
            .partial
            .as_ref()
            .filter(|_| agent.degradation.keep_partial);
        let question = DegradationQuestion {
            task: &self.task.id,
            agent: &agent.name,
            instance: instance.as_deref().unwrap_or_default(),
            failure,
            attempts: self.attempts_made(),
            required: self.task.required,
            partial: partial.map(|partial| partial.bytes.len() as u64),
            fallbacks: &fallbacks,
            dependants: executor.graph.distinct_dependants(self.index),
            counts: executor.tally.counts(),
            now: executor.started.elapsed(),
            random: executor.random(self.index, self.progress.number),
        };
        let memories = executor.memories.of(self.task.agent)?;
        let asked = policies::ask(&question, used, &memories.degradation).await;
        self.say_all(asked.event);
        asked.decision
    }

    /// How many attempts the task has had, by whichever agents. The number that
    /// is due counts only if that attempt was made.
    fn attempts_made(&self) -> u32 {
        let last = self.progress.history.last().map(|past| past.number);
        last.unwrap_or_else(|| self.progress.number.saturating_sub(1))
    }
}

impl Walk {
    /// The task fails, whatever there is of a result.
    fn let_fail(&mut self) {
        if let Some(partial) = self.record.partial.take() {
            let bytes = partial.bytes.len();
            self.note(
                "partial",
                format_args!("{bytes} bytes of partial result were not kept"),
            );
        }
        self.record.status = TaskStatus::Failed;
    }
}
