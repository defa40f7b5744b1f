//! What need not be tried, because what it surely needs does not work for anybody.

use std::sync::Arc;

use super::Job;
use crate::agents::{Agent, Instance};
use fusebox_events::TaskRecord;
use fusebox_resilience::standing::{EndedTask, Holder};
use fusebox_types::TaskStatus;
use fusebox_types::failure::Failure;

impl Job<'_> {
    /// What an attempt for this instance would surely end with, if that is known.
    pub(super) fn stands_for(&self, instance: &Instance) -> Option<Arc<Failure>> {
        let gateway = &self.executor.outside.gateway;
        gateway.stands_for(&holder(instance), &instance.identity.upstreams)
    }

    /// Whether another instance has what this one lacks; the next attempt is better
    /// for that one.
    pub(super) fn is_better_elsewhere(&mut self, agent: &Agent, instance: &Instance) -> bool {
        let lacks = self.stands_for(instance).is_some();
        let mut others = agent.instances.iter().filter(|other| other.id != instance.id);
        let is_better = lacks && others.any(|other| self.stands_for(other).is_none());
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
                gateway.task_succeeded(&holder(instance), self.progress.retries.has_called());
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
