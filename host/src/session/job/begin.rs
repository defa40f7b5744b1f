//! A task that is about to begin.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::Job;
use crate::bindings::Dependency;
use crate::event::Outbox;
use crate::sandbox::Mode;
use crate::session::executor::Executor;
use crate::session::graph::{Task, TaskIndex};

impl<'a> Job<'a> {
    /// The task that has this index, with nothing tried yet but what was before
    /// the session was gone on with.
    pub(in crate::session) fn new(
        (executor, outbox): (&'a Executor, &'a mut Outbox),
        (index, task): (TaskIndex, &'a Task),
        dependencies: Vec<Dependency>,
        mode: Mode,
    ) -> Self {
        Self {
            executor,
            outbox,
            index,
            task,
            dependencies,
            mode,
            agent: task.agent,
            first: 1,
            number: executor.attempts.get(&index).copied().unwrap_or(1),
            instance: None,
            failed_on: Vec::new(),
            tried: Vec::new(),
            started: Instant::now(),
            delay: Duration::ZERO,
            inner_retries: 0,
            upstream: None,
            history: Vec::new(),
            previous: None,
            partial: None,
            fallback: None,
            dropped: BTreeMap::new(),
        }
    }
}
