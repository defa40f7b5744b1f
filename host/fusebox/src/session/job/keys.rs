//! The idempotency keys of a task's requests.

use std::collections::{HashMap, HashSet};

use super::Job;
use crate::agents::{Agent, Instance};
use crate::session::question;
use fusebox_resilience::degradation::FallbackLink;
use fusebox_runtime::gateway::{IdempotencyKeys, KeySource};
use fusebox_types::TaskIndex;

/// What is known of keys from before a session was resumed.
#[derive(Debug, Default)]
pub struct ResumedKeys {
    /// How often a person asked for new ones.
    pub(crate) rounds: HashMap<TaskIndex, u32>,
    /// Tasks that sent requests which may be repeated only with the same keys.
    pub(crate) sent: HashSet<TaskIndex>,
}

impl Job<'_> {
    /// The keys of the attempt that is due; none if no upstream of the instance
    /// takes any.
    pub(super) fn keys(&self, agent: &Agent, instance: &Instance) -> Option<IdempotencyKeys> {
        let executor = self.executor;
        if !executor.live.services().load().takes_keys(instance.upstreams()) {
            return None;
        }
        let source = KeySource {
            session: &executor.session,
            seed: executor.seed,
            task: &self.task.id,
            agent: &agent.name,
            handed: question::handed(self.task, &self.dependencies),
            round: executor.keys.rounds.get(&self.index).copied().unwrap_or(0),
        };
        Some(IdempotencyKeys::new(&source, agent.instances_are_alike()))
    }

    /// Why a link may not run the task, if that is because of keys: another agent
    /// sends other requests, and to another service maybe.
    pub(super) fn bound_to_keys(&self, link: &FallbackLink) -> Option<&'static str> {
        let is_bound =
            self.progress.placement.is_bound_to_keys() || self.executor.keys.sent.contains(&self.index);
        (is_bound && matches!(link, FallbackLink::Agent(_))).then_some(
            "not run: a request of the task may have been carried out, and only the task's own agent sends it again with the same idempotency key",
        )
    }
}
