//! Which task is next, for workers that wait for one: the machine under a lock,
//! and whoever has to hear of its changes.

mod machine;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

pub(super) use self::machine::{Begun, HeldBy, Pause, Ticket};
use self::machine::{Machine, Started};
use super::graph::Graph;
use super::job::Progress;
use crate::sleeper::Sleeper;
use fusebox_runtime::cancellation::Cancellation;
use fusebox_runtime::sandbox::bindings::Completeness;
use fusebox_types::{Output, TaskIndex};

/// What a settled task hands to its dependants.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    pub(super) completeness: Completeness,
    pub(super) output: Option<Arc<Output>>,
}

impl Settled {
    pub(super) const MISSING: Settled = Settled {
        completeness: Completeness::Missing,
        output: None,
    };
}

/// A task that a worker is to run, with the results of what it depends on.
pub(super) struct Ready {
    pub(super) ticket: Ticket,
    /// One for each dependency on a task, in order.
    pub(super) results: Vec<Settled>,
    /// How far it had come; none if it begins.
    pub(super) progress: Option<Box<Progress>>,
}

/// What a worker is to do.
pub(super) enum Next {
    /// This task.
    Task(Ready),
    /// Nothing more: it is one too many now.
    Leave,
    /// Nothing more: all tasks are settled.
    Over,
}

/// Hands out tasks to workers.
pub(super) struct Scheduler {
    machine: Mutex<Machine<Settled, Box<Progress>>>,
    started: Instant,
    /// Tasks have become ready, or workers are to look up.
    changed: Notify,
    /// Another pause ends first.
    sooner: Notify,
}

impl Scheduler {
    /// Hands out the tasks of a graph. `over` says which are settled already,
    /// and `result` what those hand to their dependants; it is asked only where
    /// one is still to run. `begun` are tasks that go on.
    pub(super) fn new(
        graph: Arc<Graph>,
        over: impl Fn(TaskIndex) -> bool,
        result: impl FnMut(TaskIndex) -> Settled,
        begun: impl IntoIterator<Item = (TaskIndex, Begun<Box<Progress>>)>,
    ) -> Self {
        Self {
            machine: Mutex::new(Machine::new(graph, over, result, begun)),
            started: Instant::now(),
            changed: Notify::new(),
            sooner: Notify::new(),
        }
    }

    /// The next task, for a worker that says whether it is still wanted. Waits
    /// until one is ready.
    pub(super) async fn next(&self, wanted: impl Fn() -> bool) -> Next {
        loop {
            let changed = self.changed.notified();
            if let Some(next) = self.now(&wanted) {
                return next;
            }
            changed.await;
        }
    }

    /// What a worker is to do, unless it is to wait.
    ///
    /// One call wakes one worker; each that finds more, or leaves what it was
    /// woken for, wakes the next, so that none sleeps while there is work.
    fn now(&self, wanted: impl Fn() -> bool) -> Option<Next> {
        let mut machine = self.lock();
        if machine.is_over() {
            return Some(Next::Over);
        }
        if !wanted() {
            self.wake_one(&machine);
            return Some(Next::Leave);
        }
        let started = machine.start()?;
        self.wake_one(&machine);
        Some(Next::Task(started.into()))
    }

    /// Has every worker that waits look up, because it may be wanted no more.
    pub(super) fn rouse(&self) {
        self.changed.notify_waiters();
    }

    /// The time in so long.
    pub(super) fn after(&self, wait: Duration) -> Duration {
        self.started.elapsed().saturating_add(wait)
    }

    /// Puts a task aside until then. Its worker takes another one.
    pub(super) fn pause(&self, ticket: Ticket, why: Pause, until: Duration, progress: Box<Progress>) {
        self.change(|machine| {
            machine.pause(ticket, why, until, progress);
            if why == Pause::Waiting {
                // Its sandbox is free.
                machine.release_one(HeldBy::Sandboxes);
            }
        });
    }

    /// Says what a task came to, which may make others ready.
    pub(super) fn settle(&self, ticket: Ticket, settled: Settled) {
        self.change(|machine| {
            machine.settle(ticket, settled);
            machine.release_one(HeldBy::Sandboxes);
        });
    }

    /// Ends each pause at its time, and those of tasks that are cancelled at
    /// once, so that a worker can say so.
    pub(super) async fn keep_time(&self, sleeper: &Sleeper, cancel: &Cancellation) -> Infallible {
        loop {
            tokio::select! {
                biased;
                () = cancel.session().cancelled() => {
                    self.change(Machine::recall_all);
                    return std::future::pending().await;
                }
                tasks = cancel.next_cancelled() => self.recall(&tasks),
                () = self.sooner.notified() => {}
                () = self.next_end(sleeper) => {
                    let now = self.started.elapsed();
                    self.change(|machine| machine.wake(now));
                }
            }
        }
    }

    /// These tasks wait no longer.
    fn recall(&self, tasks: &[TaskIndex]) {
        self.change(|machine| tasks.iter().for_each(|task| machine.recall(*task)));
    }

    /// Waits until the next pause ends; for ever if there is none.
    async fn next_end(&self, sleeper: &Sleeper) {
        let end = self.lock().next_end();
        match end {
            Some(end) => sleeper.sleep(end.saturating_sub(self.started.elapsed())).await,
            None => std::future::pending().await,
        }
    }

    /// Changes something, and wakes whoever has to do with it.
    fn change(&self, change: impl FnOnce(&mut Machine<Settled, Box<Progress>>)) {
        let mut machine = self.lock();
        let end_before = machine.next_end();
        change(&mut machine);
        if machine
            .next_end()
            .is_some_and(|end| end_before.is_none_or(|before| end < before))
        {
            self.sooner.notify_one();
        }
        if machine.is_over() {
            self.changed.notify_waiters();
        } else {
            self.wake_one(&machine);
        }
    }

    fn wake_one(&self, machine: &Machine<Settled, Box<Progress>>) {
        if machine.has_ready() {
            self.changed.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Machine<Settled, Box<Progress>>> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Started<Settled, Box<Progress>>> for Ready {
    fn from(started: Started<Settled, Box<Progress>>) -> Self {
        let results = started.results.into_iter();
        Self {
            ticket: started.ticket,
            results: results.map(|result| result.unwrap_or(Settled::MISSING)).collect(),
            progress: started.record,
        }
    }
}
