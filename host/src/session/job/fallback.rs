//! The chain of fallbacks of a task whose retries have ended without a result.

mod cached;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Job;
use crate::config::FallbackLink;
use crate::event::{Output, TaskRecord};
use crate::failure::Failure;
use crate::plugin::Agent;
use crate::resilience::degradation::{Left, Step, is_work, may_run_elsewhere};
use crate::session::status::TaskStatus;

/// What has become of the chain so far.
pub(super) struct Walk {
    /// What the task came to by its own agent.
    pub(super) record: TaskRecord,
    /// A line for each link that gave nothing, and for what a policy decided.
    lines: Vec<(String, String)>,
    /// Whether the task may be run once more.
    may_run: bool,
}

impl Job<'_> {
    /// Carries the task to its end and says what it came to; the first attempt
    /// is for the agent as it is given.
    pub(in crate::session) async fn run(mut self, agent: Arc<Agent>) -> TaskRecord {
        let record = self.carry(agent.clone()).await;
        let is_lost = matches!(record.status, TaskStatus::Failed | TaskStatus::Degraded);
        if !is_lost {
            return record;
        }
        let agent = self.executor.live.agent(self.task.agent).unwrap_or(agent);
        let has_chain = !agent.degradation.fallback.is_empty() || self.fallback.is_some();
        if !has_chain && agent.degradation_policy.is_none() {
            return record;
        }
        // Rare, and large: kept out of what every task carries about.
        Box::pin(self.fall_back(&agent, record)).await
    }

    async fn fall_back(&mut self, agent: &Arc<Agent>, record: TaskRecord) -> TaskRecord {
        let ran = !self.tried.is_empty();
        let mut walk = Walk {
            may_run: may_run_elsewhere(record.failure.as_deref(), agent.about.idempotent, ran),
            record,
            lines: Vec::new(),
        };
        let mut left = Left::of(&agent.degradation.fallback);
        loop {
            if self.executor.outside.cancel.is_cancelled(self.index) {
                return self.cancelled(agent);
            }
            let Some(step) = self.next_step(agent, &mut left, &mut walk).await else {
                break;
            };
            let found = match step {
                Step::Link(link) if is_work(link) => self.work(link, agent, &mut walk).await,
                Step::Link(link @ FallbackLink::Cached { max_age }) => {
                    let earlier = self.earlier(agent, *max_age).await;
                    walk.earlier(link, earlier)
                }
                Step::Link(link) => self.fixed(link, &mut walk),
                Step::Partial => walk.partial(self.partial.clone(), agent),
                Step::HandedIn => walk.stand_in(self.fallback.clone(), "value"),
            };
            if let Some(found) = found {
                return walk.told(found);
            }
        }
        let record = walk.record.clone();
        walk.told(record)
    }

    /// Has the task run once more, by another instance or agent.
    async fn work(&mut self, link: &FallbackLink, agent: &Arc<Agent>, walk: &mut Walk) -> Option<TaskRecord> {
        if !walk.may_run {
            walk.gave_nothing(
                link,
                "not run: the task may have had its effect, and it is not idempotent",
            );
            return None;
        }
        let next = match link {
            FallbackLink::Agent(name) => self.hand_over(name),
            _ => self.untried(agent),
        };
        let next = match next {
            Ok(next) => next,
            Err(why) => {
                walk.gave_nothing(link, why);
                return None;
            }
        };
        let ended = self.carry(next.clone()).await;
        match ended.status {
            TaskStatus::Cancelled => Some(ended),
            TaskStatus::Succeeded if !self.stands_in() => Some(ended),
            TaskStatus::Succeeded => walk.stand_in(ended.output, &link.to_string()),
            _ => {
                let failure = ended.failure.as_deref();
                walk.gave_nothing(link, failure.map_or_else(String::new, ToString::to_string));
                walk.may_run = may_run_elsewhere(failure, next.about.idempotent, true);
                None
            }
        }
    }

    /// Makes the next attempt one by another instance of the task's own agent.
    fn untried(&mut self, agent: &Arc<Agent>) -> Result<Arc<Agent>, &'static str> {
        let is_tried = |id| self.tried.contains(id);
        if self.stands_in() {
            return Err("not run: another agent has taken over; name this link before it");
        }
        if agent.instances.iter().all(|instance| is_tried(&instance.id)) {
            return Err("every instance has tried it");
        }
        let affordable = self
            .previous
            .as_deref()
            .is_none_or(|failure| self.afford(failure));
        if !affordable {
            return Err("no retries are left");
        }
        self.failed_on.clone_from(&self.tried);
        self.go_on();
        Ok(agent.clone())
    }

    /// Makes the next attempts those of another agent, which has its own limits,
    /// retries, circuit and budget.
    fn hand_over(&mut self, name: &str) -> Result<Arc<Agent>, &'static str> {
        let index = self.executor.graph.agent_index(name);
        let index = index.ok_or("the session began without this agent")?;
        if index == self.task.agent {
            return Err("it is the agent that failed");
        }
        let agent = self.executor.live.agent(index).ok_or("there is no such agent")?;
        self.go_on();
        (self.agent, self.first, self.inner_retries) = (index, self.number, 0);
        (self.started, self.upstream) = (Instant::now(), None);
        self.failed_on.clear();
        self.tried.clear();
        self.history.clear();
        Ok(agent)
    }

    /// Counts one more attempt, if one was made, and says that it comes.
    fn go_on(&mut self) {
        if !self.tried.is_empty() {
            self.delay = Duration::ZERO;
            self.number += 1;
            self.announce(Duration::ZERO, self.number);
        }
    }

    /// What is there without any work.
    fn fixed(&self, link: &FallbackLink, walk: &mut Walk) -> Option<TaskRecord> {
        let output = match link {
            FallbackLink::Text(text) => content("text/plain", text.clone()),
            FallbackLink::Json(value) => content("application/json", value.to_string()),
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
