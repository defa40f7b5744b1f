//! The chain of fallbacks of a task whose retries have ended without a result.

mod cached;

use std::sync::Arc;
use std::time::Duration;

use super::Job;
use crate::event::TaskRecord;
use crate::plugin::Agent;
use fusebox_resilience::RetryState;
use fusebox_resilience::degradation::{FallbackLink, Left, Step, is_work, may_run_elsewhere};
use fusebox_types::failure::Failure;
use fusebox_types::{Output, TaskStatus};

/// What has become of the chain so far.
#[derive(Debug)]
pub(in crate::session) struct Walk {
    /// What the task came to by its own agent.
    pub(super) record: TaskRecord,
    /// What has not been tried.
    pub(super) left: Left,
    /// The link for which the task is being run once more.
    under_way: Option<FallbackLink>,
    /// A line for each link that gave nothing, and for what a policy decided.
    lines: Vec<(String, String)>,
    /// Whether the task may be run once more.
    may_run: bool,
}

impl Job<'_> {
    /// What the task comes to, now that its attempts by an agent have come to an
    /// end. None if another instance or agent is to try.
    pub(super) async fn after_end(&mut self, ended: TaskRecord, agent: &Arc<Agent>) -> Option<TaskRecord> {
        let walk = self.progress.walk.take();
        let is_lost = matches!(ended.status, TaskStatus::Failed | TaskStatus::Degraded);
        if walk.is_none() && !is_lost {
            return Some(ended);
        }
        let own = self.executor.live.agent(self.task.agent);
        let own = own.unwrap_or_else(|| agent.clone());
        let has_chain = !own.degradation.fallback.is_empty() || self.progress.fallback.is_some();
        if walk.is_none() && !has_chain && own.degradation_policy.is_none() {
            return Some(ended);
        }
        // Rare, and large: kept out of what every task carries about.
        Box::pin(async {
            let mut walk = match walk {
                None => self.begin_walk(&own, ended),
                Some(mut walk) => {
                    if let Some(found) = self.after_work(&mut walk, ended, agent) {
                        return Some(walk.told(found));
                    }
                    walk
                }
            };
            let found = self.walk_on(&own, &mut walk).await;
            if walk.under_way.is_some() {
                self.progress.walk = Some(walk);
                return None;
            }
            let found = found.unwrap_or_else(|| walk.record.clone());
            Some(walk.told(found))
        })
        .await
    }

    fn begin_walk(&self, agent: &Agent, record: TaskRecord) -> Box<Walk> {
        let ran = !self.progress.tried.is_empty();
        Box::new(Walk {
            may_run: may_run_elsewhere(record.failure.as_deref(), agent.about.idempotent, ran),
            record,
            left: Left::of(&agent.degradation.fallback),
            under_way: None,
            lines: Vec::new(),
        })
    }

    /// Goes from link to link until one gives something, one is under way, or
    /// none is left.
    async fn walk_on(&mut self, agent: &Arc<Agent>, walk: &mut Walk) -> Option<TaskRecord> {
        loop {
            if self.executor.outside.cancel.is_cancelled(self.index) {
                return Some(self.cancelled(agent));
            }
            let found = match self.next_step(agent, walk).await? {
                Step::Link(link) if is_work(&link) => {
                    if self.begin_work(&link, agent, walk) {
                        walk.under_way = Some(link);
                        return None;
                    }
                    None
                }
                Step::Link(ref link @ FallbackLink::Cached { max_age }) => {
                    let earlier = self.earlier(agent, max_age).await;
                    walk.earlier(link, earlier)
                }
                Step::Link(link) => self.fixed(&link, walk),
                Step::Partial => walk.partial(self.progress.partial.clone(), agent),
                Step::HandedIn => walk.stand_in(self.progress.fallback.clone(), "value"),
            };
            if found.is_some() {
                return found;
            }
        }
    }

    /// Makes the next attempt one by another instance or agent. False if there
    /// is none that may try, which the walk notes.
    fn begin_work(&mut self, link: &FallbackLink, agent: &Arc<Agent>, walk: &mut Walk) -> bool {
        let begun = if !walk.may_run {
            Err("not run: the task may have had its effect, and it is not idempotent")
        } else if let FallbackLink::Agent(name) = link {
            self.hand_over(name)
        } else {
            self.untried(agent)
        };
        begun.map_err(|why| walk.gave_nothing(link, why)).is_ok()
    }

    /// What the task comes to by the link that was under way; none if that gave
    /// nothing.
    fn after_work(&self, walk: &mut Walk, ended: TaskRecord, agent: &Agent) -> Option<TaskRecord> {
        let link = walk.under_way.take()?;
        match ended.status {
            TaskStatus::Cancelled => Some(ended),
            TaskStatus::Succeeded if !self.stands_in() => Some(ended),
            TaskStatus::Succeeded => walk.stand_in(ended.output, &link.to_string()),
            _ => {
                let failure = ended.failure.as_deref();
                walk.gave_nothing(&link, failure.map_or_else(String::new, ToString::to_string));
                walk.may_run = may_run_elsewhere(failure, agent.about.idempotent, true);
                None
            }
        }
    }

    /// Makes the next attempt one by another instance of the task's own agent.
    fn untried(&mut self, agent: &Agent) -> Result<(), &'static str> {
        let is_tried = |id| self.progress.tried.contains(id);
        if self.stands_in() {
            return Err("not run: another agent has taken over; name this link before it");
        }
        if agent.instances.iter().all(|instance| is_tried(&instance.id)) {
            return Err("every instance has tried it");
        }
        let now = self.executor.outside.circuits.now();
        let affordable = self
            .progress
            .previous
            .as_deref()
            .is_none_or(|failure| self.budgets(|budgets| budgets.pay(failure, now)));
        if !affordable {
            return Err("no retries are left");
        }
        self.progress.failed_on.clone_from(&self.progress.tried);
        self.go_on();
        Ok(())
    }

    /// Makes the next attempts those of another agent, which has its own limits,
    /// retries, circuit and budget.
    fn hand_over(&mut self, name: &str) -> Result<(), &'static str> {
        let index = self.executor.graph.agent_index(name);
        let index = index.ok_or("the session began without this agent")?;
        if index == self.task.agent {
            return Err("it is the agent that failed");
        }
        self.executor.live.agent(index).ok_or("there is no such agent")?;
        self.go_on();
        let progress = &mut self.progress;
        progress.agent = index;
        progress.first = progress.number;
        progress.retries = RetryState::default();
        progress.upstream = None;
        progress.failed_on.clear();
        progress.tried.clear();
        progress.history.clear();
        Ok(())
    }

    /// Counts one more attempt, if one was made, and says that it comes.
    fn go_on(&mut self) {
        if !self.progress.tried.is_empty() {
            self.progress.retries.go_on(Duration::ZERO);
            self.progress.number += 1;
            self.announce(Duration::ZERO, self.progress.number);
        }
    }

    /// What is there without any work.
    fn fixed(&self, link: &FallbackLink, walk: &mut Walk) -> Option<TaskRecord> {
        let output = match link {
            FallbackLink::Text(text) => content("text/plain", text.clone()),
            FallbackLink::Json(text) => content("application/json", text.clone()),
            _ => self.task.fallback.clone(),
        };
        if output.is_none() {
            walk.gave_nothing(link, "the task has no `fallback` of its own");
        }
        walk.stand_in(output, &link.to_string())
    }
}

impl Walk {
    /// Adds a line to what the report says of the failure.
    pub(super) fn note(&mut self, key: &str, line: impl std::fmt::Display) {
        self.lines.push((key.to_owned(), line.to_string()));
    }

    /// Says why a link gave nothing.
    fn gave_nothing(&mut self, link: &FallbackLink, why: impl std::fmt::Display) {
        self.note("fallback", format_args!("{link}: {why}"));
    }

    /// What stands in for the result.
    fn stand_in(&self, output: Option<Arc<Output>>, link: &str) -> Option<TaskRecord> {
        Some(TaskRecord {
            status: TaskStatus::Degraded,
            output: Some(output?),
            fallback: Some(link.into()),
            partial: None,
            ..self.record.clone()
        })
    }

    /// The part of a result that there is, if it is to be kept.
    pub(super) fn partial(&self, partial: Option<Arc<Output>>, agent: &Agent) -> Option<TaskRecord> {
        let partial = partial.filter(|_| agent.degradation.keep_partial)?;
        Some(TaskRecord {
            status: TaskStatus::Degraded,
            partial: Some(partial),
            ..self.record.clone()
        })
    }

    /// What the task came to, with what became of the links before that.
    fn told(self, mut record: TaskRecord) -> TaskRecord {
        if let (Some(failure), false) = (&record.failure, self.lines.is_empty()) {
            let mut failure = Failure::clone(failure);
            failure.context.extend(self.lines);
            record.failure = Some(Arc::new(failure));
        }
        record
    }
}

fn content(content_type: &str, text: String) -> Option<Arc<Output>> {
    Some(Arc::new(Output {
        content_type: content_type.into(),
        bytes: text.into_bytes(),
    }))
}
