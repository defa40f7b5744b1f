//! The chain of fallbacks of a task whose retries have ended without a result.

mod cached;

use std::sync::Arc;
use std::time::Duration;

use super::Job;
use super::chain::Chain;
use crate::agents::Agent;
use fusebox_events::TaskRecord;
use fusebox_resilience::degradation::{FallbackLink, Step, is_work, may_run_elsewhere};
use fusebox_types::{Output, TaskStatus};

impl Job<'_> {
    /// What the task comes to, now that its attempts by an agent have come to an
    /// end. None if another instance or agent is to try.
    pub(super) async fn fall_back(&mut self, ended: TaskRecord, agent: &Arc<Agent>) -> Option<TaskRecord> {
        let chain = self.progress.chain.take();
        let is_lost = matches!(ended.status, TaskStatus::Failed | TaskStatus::Degraded);
        if chain.is_none() && !is_lost {
            return Some(ended);
        }
        let own = self.executor.live.agent(self.task.agent);
        let own = own.unwrap_or_else(|| agent.clone());
        if chain.is_none() && !self.has_stand_in(&own) {
            return Some(ended);
        }
        // Rare, and large: kept out of what every task carries about.
        Box::pin(async {
            let mut chain = match chain {
                None => self.begin_chain(&own, ended),
                Some(mut chain) => {
                    if let Some(found) = self.link_result(&mut chain, ended, agent) {
                        return Some(chain.told(found));
                    }
                    chain
                }
            };
            let found = self.follow(&own, &mut chain).await;
            if chain.is_under_way() {
                self.progress.chain = Some(chain);
                return None;
            }
            let found = found.unwrap_or_else(|| chain.record().clone());
            Some(chain.told(found))
        })
        .await
    }

    /// Whether something may stand in for a result.
    pub(super) fn has_stand_in(&self, agent: &Agent) -> bool {
        let has_chain = !agent.degradation.fallback.is_empty() || self.progress.salvage.fallback().is_some();
        has_chain || agent.degradation_policy.is_some()
    }

    fn begin_chain(&self, agent: &Agent, record: TaskRecord) -> Box<Chain> {
        let ran = self.progress.placement.is_tried();
        let may_run = may_run_elsewhere(record.failure.as_deref(), agent.about.idempotent, ran);
        Box::new(Chain::begin(record, &agent.degradation.fallback, may_run))
    }

    /// Goes from link to link until one gives something, one is under way, or
    /// none is left.
    async fn follow(&mut self, agent: &Arc<Agent>, chain: &mut Chain) -> Option<TaskRecord> {
        loop {
            if self.executor.outside.cancel.is_cancelled(self.index) {
                return Some(self.cancelled(agent));
            }
            let found = match self.next_step(agent, chain).await? {
                Step::Link(link) if is_work(&link) => {
                    if self.begin_work(&link, agent, chain) {
                        chain.run(link);
                        return None;
                    }
                    None
                }
                Step::Link(ref link @ FallbackLink::Cached { max_age }) => {
                    let earlier = self.earlier(agent, max_age).await;
                    chain.earlier(link, earlier)
                }
                Step::Link(link) => self.fixed(&link, chain),
                Step::Partial => chain.partial(self.partial_to_keep(agent)),
                Step::HandedIn => chain.stand_in(self.progress.salvage.fallback().cloned(), "value"),
            };
            if found.is_some() {
                return found;
            }
        }
    }

    /// Makes the next attempt one by another instance or agent. False if there
    /// is none that may try, which the chain notes.
    fn begin_work(&mut self, link: &FallbackLink, agent: &Arc<Agent>, chain: &mut Chain) -> bool {
        let begun = if !chain.may_run() {
            Err("not run: the task may have had its effect, and it is not idempotent")
        } else if let Some(why) = self.bound_to_keys(link) {
            Err(why)
        } else if let FallbackLink::Agent(name) = link {
            self.hand_over(name)
        } else {
            self.untried(agent)
        };
        begun.map_err(|why| chain.gave_nothing(link, why)).is_ok()
    }

    /// What the task comes to by the link that was under way; none if that gave
    /// nothing.
    fn link_result(&self, chain: &mut Chain, ended: TaskRecord, agent: &Agent) -> Option<TaskRecord> {
        let link = chain.take_under_way()?;
        match ended.status {
            TaskStatus::Cancelled => Some(ended),
            TaskStatus::Succeeded if !self.stands_in() => Some(ended),
            TaskStatus::Succeeded => chain.stand_in(ended.output, &link.to_string()),
            _ => {
                let failure = ended.failure.as_deref();
                let may_run = may_run_elsewhere(failure, agent.about.idempotent, true);
                chain.ran_in_vain(&link, failure, may_run);
                None
            }
        }
    }

    /// Makes the next attempt one by another instance of the task's own agent.
    fn untried(&mut self, agent: &Agent) -> Result<(), &'static str> {
        if self.stands_in() {
            return Err("not run: another agent has taken over; name this link before it");
        }
        if agent
            .instances
            .iter()
            .all(|instance| self.progress.placement.has_tried(instance.id))
        {
            return Err("every instance has tried it");
        }
        if !self.progress.retries.pay(self.payer(), &self.executor.outside) {
            return Err("no retries are left");
        }
        self.progress.placement.avoid_tried();
        self.go_on();
        Ok(())
    }

    /// Makes the next attempts those of another agent, which has its own limits,
    /// retries, breaker and budget.
    fn hand_over(&mut self, name: &str) -> Result<(), &'static str> {
        let index = self.executor.graph.agent_index(name);
        let index = index.ok_or("the session began without this agent")?;
        if index == self.task.agent {
            return Err("it is the agent that failed");
        }
        self.executor.live.agent(index).ok_or("there is no such agent")?;
        self.go_on();
        self.progress.retries.hand_over();
        self.progress.placement.hand_over(index);
        Ok(())
    }

    /// Counts one more attempt, if one was made, and says that it comes.
    fn go_on(&mut self) {
        if self.progress.placement.is_tried() {
            self.progress.retries.go_on();
            self.announce(Duration::ZERO, self.progress.retries.number());
        }
    }

    /// What is there without any work.
    fn fixed(&self, link: &FallbackLink, chain: &mut Chain) -> Option<TaskRecord> {
        let output = match link {
            FallbackLink::Text(text) => content("text/plain", text.clone()),
            FallbackLink::Json(text) => content("application/json", text.clone()),
            _ => self.task.fallback.clone(),
        };
        if output.is_none() {
            chain.gave_nothing(link, "the task has no `fallback` of its own");
        }
        chain.stand_in(output, &link.to_string())
    }
}

fn content(content_type: &str, text: String) -> Option<Arc<Output>> {
    Some(Arc::new(Output {
        content_type: content_type.into(),
        bytes: text.into_bytes(),
    }))
}
