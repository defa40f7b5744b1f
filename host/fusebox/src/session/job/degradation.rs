//! What a policy says of a task that has ended without a result.

use super::Job;
use super::chain::Chain;
use crate::agents::Agent;
use fusebox_resilience::degradation::{Ruling, Step};
use fusebox_runtime::policies::{self, DegradationDecision, DegradationQuestion};

impl Job<'_> {
    /// What is tried next: what the policy says, as it is now, or else what is
    /// first in the built-in order. None if nothing more is.
    pub(super) async fn next_step(&mut self, agent: &Agent, chain: &mut Chain) -> Option<Step> {
        let Some(decided) = self.decided(agent, chain).await else {
            return chain.take_first();
        };
        chain.note("degradation", &decided);
        match decided.ruling {
            Ruling::Try(step) => {
                chain.take(&step);
                return Some(step);
            }
            Ruling::LetFail => chain.let_fail(),
            Ruling::EndSession => {
                chain.fail_session(self.partial_to_keep(agent));
                self.executor.outside.cancel.give_up();
            }
        }
        None
    }

    /// What the policy says, if there is one that can be asked and answers.
    async fn decided(&mut self, agent: &Agent, chain: &Chain) -> Option<DegradationDecision> {
        let executor = self.executor;
        let now = executor.live.agent(self.task.agent)?;
        let used = now.degradation_policy.as_ref()?;
        let failure = chain.record().failure.as_deref()?;
        let instance = chain.record().instance.map(|id| id.to_string());
        let fallbacks = chain.steps(self.progress.salvage.fallback().is_some());
        let partial = self.partial_to_keep(agent);
        let question = DegradationQuestion {
            task: &self.task.id,
            agent: &agent.name,
            instance: instance.as_deref().unwrap_or_default(),
            failure,
            attempts: self.progress.retries.made(),
            required: self.task.required,
            partial: partial.map(|partial| partial.bytes.len() as u64),
            fallbacks: &fallbacks,
            dependants: executor.graph.distinct_dependants(self.index),
            counts: executor.tally.counts(),
            now: executor.started.elapsed(),
            random: executor.random(self.index, self.progress.retries.number()),
        };
        let memories = executor.memories.of(self.task.agent)?;
        let asked = policies::ask(&question, used, &memories.degradation).await;
        self.say_all(asked.event);
        asked.decision
    }
}
