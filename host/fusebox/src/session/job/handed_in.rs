//! What a guest handed in before its attempt failed: checked, and kept or not.

use std::sync::Arc;
use std::time::Duration;

use super::Job;
use super::attempt::{check_output, check_partial};
use crate::agents::{Agent, Instance};
use crate::session::task_input;
use fusebox_events::{Event, TaskRecord};
use fusebox_resilience::GiveUp;
use fusebox_runtime::sandbox::bindings::Content;
use fusebox_runtime::sandbox::{HostWork, Limits};
use fusebox_types::failure::{Code, Failure};
use fusebox_types::{Output, TaskStatus};

/// For how long what was handed in is checked. Its attempt may have no time left:
/// that it ran out is when something is handed in for.
const CHECK: Duration = Duration::from_secs(1);

/// Something that was handed in, or why it cannot be kept.
type HandedIn = Option<Result<Content, Failure>>;

impl Job<'_> {
    /// Keeps what was handed in, as far as it is as declared.
    pub(super) async fn keep_handed_in(
        &mut self,
        agent: &Agent,
        instance: &Instance,
        (partial, fallback): (HandedIn, HandedIn),
    ) {
        if partial.is_none() && fallback.is_none() {
            return;
        }
        let limits = Limits {
            deadline: instance.limits.deadline.min(CHECK),
            cpu: instance.limits.cpu.min(CHECK),
            ..instance.limits
        };
        let work = HostWork::new(&limits, &self.executor.outside, self.index);
        let output = |content: Result<Content, Failure>| content.map(task_input::from_wire);
        let may = self.may_be_kept(agent);
        if let Some(partial) = partial {
            let checked = match may.clone().and(output(partial)) {
                Ok(partial) => check_partial(&work, agent, &partial).await.map(|()| partial),
                Err(failure) => Err(failure),
            };
            self.progress.salvage.keep_partial(shared(checked));
        }
        if let Some(fallback) = fallback {
            let checked = match may.and(output(fallback)) {
                Ok(fallback) => check_output(&work, agent, &fallback).await.map(|()| fallback),
                Err(failure) => Err(failure),
            };
            self.progress.salvage.keep_fallback(shared(checked));
        }
        let (task, handed_in) = (self.index, self.progress.salvage.handed_in());
        self.outbox.say(Event::HandedIn { task, handed_in });
    }

    /// What another agent leaves of its own result is no part of this one.
    fn may_be_kept(&self, agent: &Agent) -> Result<(), Failure> {
        if !self.stands_in() {
            return Ok(());
        }
        let message = format!(
            "it is of agent `{}`, which stood in and failed too: only a whole result may stand in",
            agent.name
        );
        Err(Failure::new(Code::InvalidOutput, message))
    }

    /// Whether parts of the task's results are kept: its agent's configuration
    /// says so, or that of another one if its agent is gone.
    pub(super) fn keeps_partial(&self, other: Option<&Agent>) -> bool {
        let own = self.executor.live.agent(self.task.agent);
        let agent = own.as_deref().or(other);
        agent.is_none_or(|agent| agent.degradation.keep_partial)
    }

    /// What the task comes to if its agent went away.
    pub(super) fn left_alone(&self) -> TaskRecord {
        let message = "its agent was taken out of the configuration";
        let partial = self
            .progress
            .salvage
            .partial()
            .filter(|_| self.keeps_partial(None));
        let status = match partial {
            Some(_) => TaskStatus::Degraded,
            None => TaskStatus::Failed,
        };
        TaskRecord {
            instance: self.progress.placement.instance(),
            partial: partial.cloned(),
            failure: Some(Arc::new(Failure::new(Code::HostEngine, message))),
            reason: Some(GiveUp::NonRetryable),
            ..TaskRecord::new(status)
        }
    }
}

fn shared(checked: Result<Output, Failure>) -> Result<Arc<Output>, String> {
    checked.map(Arc::new).map_err(|failure| failure.message)
}
