//! What all tasks of a session share, and how one is begun.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::answers::Answers;
use super::graph::{Graph, TaskIndex};
use super::handover;
use super::job::Job;
use super::live::Live;
use super::propagation;
use super::scheduler::Ready;
use super::status::TaskStatus;
use super::tally::Tally;
use crate::bindings::{self, Completeness};
use crate::event::{Outbox, TaskRecord};
use crate::policies::{DegradationDesk, RetryDesk};
use crate::pools::Pools;
use crate::resilience::{self, GiveUp};
use crate::sandbox::{Mode, Outside};
use crate::sleeper::Sleeper;

/// Carries tasks to their ends.
pub(super) struct Executor {
    pub(super) session: String,
    pub(super) graph: Arc<Graph>,
    /// The agents and rules, as they are now.
    pub(super) live: Arc<Live>,
    /// Who decides about failed attempts.
    pub(super) retries: RetryDesk,
    /// Who says what tasks without a result come to.
    pub(super) degradations: DegradationDesk,
    /// What the tasks have come to so far.
    pub(super) tally: Tally,
    /// When the session was made.
    pub(super) started: Instant,
    pub(super) outside: Arc<Outside>,
    /// How tasks wait before their next attempts.
    pub(super) sleeper: Sleeper,
    /// The instances.
    pub(super) pools: Arc<Pools>,
    /// What was good earlier, if that is kept.
    pub(super) answers: Option<Answers>,
    /// For the jitter of retries.
    pub(super) seed: u64,
    /// The first attempts of tasks that had failed before the session was gone
    /// on with.
    pub(super) attempts: HashMap<TaskIndex, u32>,
}

impl Executor {
    /// Carries one task to its end and says what it came to.
    pub(super) async fn execute(&self, ready: Ready, outbox: &mut Outbox) -> TaskRecord {
        let Some(task) = self.graph.task(ready.index) else {
            return ended(TaskStatus::Failed);
        };
        let Some(agent) = self.live.agent(task.agent) else {
            return ended(TaskStatus::Failed);
        };
        if self.outside.cancel.is_cancelled(ready.index) {
            return TaskRecord {
                reason: Some(GiveUp::Cancelled),
                ..ended(TaskStatus::Cancelled)
            };
        }
        let rule = agent.degradation.on_upstream_failure;
        let results = match propagation::course(&self.graph, task, rule, ready.results) {
            Ok(results) => results,
            Err(reason) => {
                return TaskRecord {
                    reason: Some(reason),
                    ..ended(TaskStatus::Skipped)
                };
            }
        };
        let dependencies = handover::dependencies(&self.graph, task, results);
        let whole = |d: &bindings::Dependency| d.completeness == Completeness::Complete;
        let mode = if dependencies.iter().all(whole) {
            Mode::Normal
        } else {
            Mode::Degraded
        };
        let job = Job::new((self, outbox), (ready.index, task), dependencies, mode);
        job.run(agent).await
    }

    /// A number for one decision: the same for the same session seed.
    pub(super) fn random(&self, task: TaskIndex, attempt: u32) -> u64 {
        resilience::random(self.seed, task, attempt)
    }
}

/// A record with nothing in it yet.
pub(super) fn ended(status: TaskStatus) -> TaskRecord {
    TaskRecord {
        status,
        instance: None,
        output: None,
        fallback: None,
        partial: None,
        failure: None,
        reason: None,
    }
}
