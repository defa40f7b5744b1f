//! A task that a worker takes up.

use super::{Job, Progress};
use crate::session::executor::Executor;
use crate::session::graph::Task;
use crate::session::scheduler::Settled;
use crate::session::{propagation, task_input};
use fusebox_events::{Outbox, TaskRecord};
use fusebox_resilience::GiveUp;
use fusebox_runtime::sandbox::Mode;
use fusebox_runtime::sandbox::bindings::{self, Completeness};
use fusebox_types::{TaskIndex, TaskStatus};

impl<'a> Job<'a> {
    /// The task that has this index, as far as it has come. What it is handed is
    /// decided once, when it begins.
    ///
    /// # Errors
    /// What it comes to, if what it depends on has no result: it is not run, or not
    /// run again.
    pub(in crate::session) fn new(
        (executor, outbox): (&'a Executor, &'a mut Outbox),
        (index, task): (TaskIndex, &'a Task),
        results: Vec<Settled>,
        mut progress: Progress,
    ) -> Result<Self, Box<TaskRecord>> {
        let handed = match progress.handed.take() {
            Some(handed) => handed,
            None => {
                let agent = executor.live.agent(task.agent);
                let rule = agent.map(|agent| agent.degradation.on_upstream_failure);
                let course = propagation::course(&executor.graph, task, rule.unwrap_or_default(), results);
                course.map_err(|reason| Box::new(skipped(&progress, reason)))?
            }
        };
        let dependencies = task_input::dependencies(&executor.graph, task, &handed);
        let whole = |d: &bindings::Dependency| d.completeness == Completeness::Complete;
        let mode = if dependencies.iter().all(whole) {
            Mode::Normal
        } else {
            Mode::Degraded
        };
        progress.handed = Some(handed);
        Ok(Self {
            executor,
            outbox,
            index,
            task,
            dependencies,
            mode,
            progress,
        })
    }
}

/// A task that is not run, with what its guest had handed in before its session was
/// resumed.
fn skipped(progress: &Progress, reason: GiveUp) -> TaskRecord {
    TaskRecord {
        partial: progress.salvage.partial().cloned(),
        reason: Some(reason),
        ..TaskRecord::new(TaskStatus::Skipped)
    }
}
