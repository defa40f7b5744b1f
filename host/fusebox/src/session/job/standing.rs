//! What a task's end says of what others need.

use super::Job;
use crate::agents::{Agent, Instance};
use fusebox_events::TaskRecord;
use fusebox_resilience::standing::{EndedTask, Holder};
use fusebox_types::TaskStatus;

impl Job<'_> {
    /// Whether another instance has what this one lacks; the next attempt is better
    /// for that one.
    pub(super) fn is_better_elsewhere(&mut self, agent: &Agent, instance: &Instance) -> bool {
        let gateway = &self.executor.outside.gateway;
        let mut others = agent.instances.iter().filter(|other| other.id != instance.id);
        let is_better =
            gateway.lacks(&holder(instance)) && others.any(|other| !gateway.lacks(&holder(other)));
        if is_better {
            self.progress.placement.strike(instance.id);
        }
        is_better
    }

    /// Notes what the task's attempts by an agent have come to: others may end with
    /// the same.
    pub(super) fn note_end(&self, agent: &Agent, record: &TaskRecord) {
        let Some(instance) = record.instance.and_then(|id| agent.instance(id)) else {
            return;
        };
        let gateway = &self.executor.outside.gateway;
        match &record.failure {
            None if record.status == TaskStatus::Succeeded => {
                gateway.task_succeeded(&holder(instance));
            }
            Some(failure) if failure.code.is_standing() => {
                let task = EndedTask {
                    index: self.index,
                    id: self.task.id.as_ref().into(),
                };
                gateway.task_failed(&holder(instance), &task, failure);
            }
            _ => {}
        }
    }
}

fn holder(instance: &Instance) -> Holder {
    Holder {
        agent: instance.identity.agent.clone(),
        instance: instance.identity.instance.clone(),
    }
}
