//! What all tasks of a session share, and how one is begun.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::answers::Answers;
use super::gatekeeper::Gatekeeper;
use super::graph::{Graph, Task};
use super::job::{Job, JobOutcome, Progress, ResumedKeys};
use super::live_settings::LiveSettings;
use super::scheduler::Settled;
use super::tally::Tally;
use crate::pools::Pools;
use crate::sleeper::Sleeper;
use fusebox_events::{Outbox, TaskRecord};
use fusebox_resilience::{self, GiveUp, RetryRules};
use fusebox_runtime::policy_memory::PolicyMemories;
use fusebox_runtime::sandbox::SessionContext;
use fusebox_types::{TaskIndex, TaskStatus};

/// Carries tasks to their ends.
pub(super) struct Executor {
    pub(super) session: String,
    pub(super) graph: Arc<Graph>,
    /// The agents and rules, as they are now.
    pub(super) live: Arc<LiveSettings>,
    /// Whether tasks may start.
    pub(super) keeper: Arc<Gatekeeper>,
    /// What the policies that decide about tasks keep.
    pub(super) memories: PolicyMemories,
    /// What the tasks have come to so far.
    pub(super) tally: Tally,
    /// When the session was made.
    pub(super) started: Instant,
    pub(super) outside: Arc<SessionContext>,
    /// How tasks wait before their next attempts.
    pub(super) sleeper: Sleeper,
    /// The instances.
    pub(super) pools: Arc<Pools>,
    /// What was good earlier, if that is kept.
    pub(super) answers: Option<Answers>,
    /// What is known of idempotency keys from before the session was resumed.
    pub(super) keys: ResumedKeys,
    /// For the jitter of retries, and idempotency keys.
    pub(super) seed: u64,
}

impl Executor {
    /// Carries a task on until it is over or has to wait.
    pub(super) async fn execute(
        &self,
        (index, results): (TaskIndex, Vec<Settled>),
        progress: Option<Box<Progress>>,
        held: Duration,
        outbox: &mut Outbox,
    ) -> JobOutcome {
        let Some(task) = self.graph.task(index) else {
            return JobOutcome::Over(TaskRecord::new(TaskStatus::Failed));
        };
        let progress = match progress {
            Some(progress) => *progress,
            None if self.outside.cancel.is_cancelled(index) => {
                return not_begun();
            }
            None => Progress::none(task),
        };
        let progress = progress.after_a_hold(held);
        match Job::new((self, outbox), (index, task), results, progress) {
            Ok(job) => job.run_attempts().await,
            Err(skipped) => JobOutcome::Over(*skipped),
        }
    }

    /// The longest wait between two attempts of a task, by its agent's rules.
    pub(super) fn longest_wait(&self, task: &Task) -> Duration {
        self.most(task, |retry| retry.max_delay)
    }

    /// How many attempts of a task may be made, by its agent's rules.
    pub(super) fn most_attempts(&self, task: &Task) -> u32 {
        self.most(task, RetryRules::most_attempts)
    }

    fn most<T: Ord + Default>(&self, task: &Task, of: impl Fn(&RetryRules) -> T) -> T {
        let agent = self.live.agent(task.agent);
        let instances = agent.iter().flat_map(|agent| &agent.instances);
        instances
            .map(|instance| of(&instance.retry))
            .max()
            .unwrap_or_default()
    }

    /// A number for one decision: the same for the same session seed.
    pub(super) fn random(&self, task: TaskIndex, attempt: u32) -> u64 {
        fusebox_resilience::random(self.seed, task, attempt)
    }
}

/// A task that was cancelled before anything of it was tried.
fn not_begun() -> JobOutcome {
    JobOutcome::Over(TaskRecord {
        reason: Some(GiveUp::Cancelled),
        ..TaskRecord::new(TaskStatus::Cancelled)
    })
}
