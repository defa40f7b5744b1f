//! What the workers of a session share: its tasks, who carries them on, and what
//! they have come to.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;

use super::executor::Executor;
use super::job::{JobOutcome, Progress};
use super::resumed::{Over, ResumeState};
use super::run::SessionOutcome;
use super::scheduler::{Begun, Pause, Paused, Ready, Scheduler, Settled};
use super::task_input::settled;
use crate::session::GiveUp;
use fusebox_events::{Event, Outbox, TaskRecord};
use fusebox_types::failure::{Code, Failure};
use fusebox_types::{TaskIndex, TaskStatus};

/// What the workers of a session share.
pub(super) struct Shared {
    pub(super) scheduler: Scheduler,
    pub(super) executor: Executor,
    required_missing: AtomicBool,
    /// Whether a task was cancelled with the session, not by itself, and not
    /// because a policy gave the session up.
    cut_short: AtomicBool,
}

impl Shared {
    /// The tasks of a session, some of which may be over or begun.
    pub(super) fn new(executor: Executor, resume_state: ResumeState, no_wait: bool) -> Self {
        let ResumeState {
            over,
            mut results,
            attempted,
            ..
        } = resume_state;
        let graph = executor.graph.clone();
        let begun = attempted.into_iter().filter_map(|(index, attempted)| {
            let task = graph.task(index)?;
            let wait = attempted.waits(executor.longest_wait(task));
            let not_before = executor.keeper.now().saturating_add(wait);
            let record = Box::new(Progress::after(task, attempted));
            Some((index, Begun { record, not_before }))
        });
        let begun: Vec<_> = begun.collect();
        let result = |task| results.remove(&task).unwrap_or(Settled::MISSING);
        let is_over = |task| over.contains_key(&task);
        let shared = Self {
            scheduler: Scheduler::new(graph.clone(), executor.keeper.clone(), is_over, result, begun)
                .without_waiting(no_wait),
            executor,
            required_missing: AtomicBool::new(false),
            cut_short: AtomicBool::new(false),
        };
        over.iter().for_each(|(task, over)| shared.count(*task, *over));
        shared
    }

    /// Carries a task on, and says what came of that.
    pub(super) async fn carry_on(&self, ready: Ready, outbox: &mut Outbox) {
        let Ready {
            ticket,
            results,
            progress,
            held,
        } = ready;
        let task = ticket.task();
        let outcome = self.executor.execute((task, results), progress, held, outbox);
        // A defect of the host in one task must not leave the others waiting.
        let outcome = AssertUnwindSafe(outcome).catch_unwind().await;
        match outcome.unwrap_or_else(|_| JobOutcome::Over(host_failed())) {
            JobOutcome::Over(record) => {
                self.executor.keeper.rests(ticket.agent(), task);
                self.note(task, &record);
                let settled = settled(&record);
                outbox.say(Event::TaskEnded { task, record });
                outbox.flush().await;
                self.scheduler.settle(ticket, settled);
            }
            JobOutcome::Paused { why, wait, progress } => {
                let until = self.scheduler.after(wait);
                outbox.flush().await;
                if why != Pause::Waiting {
                    self.executor.keeper.rests(ticket.agent(), task);
                }
                let paused = Paused {
                    why,
                    agent: progress.agent(),
                    until,
                    record: progress,
                };
                self.scheduler.pause(ticket, paused);
            }
        }
    }

    /// Ends the tasks that are not over though nothing is to be done: they are held, or
    /// wait for one that is.
    pub(super) async fn leave(&self, outbox: &mut Outbox) {
        for left in self.scheduler.leave_all() {
            let task = left.task;
            let record = self.executor.left(left);
            self.note(task, &record);
            outbox.say(Event::TaskEnded { task, record });
            outbox.flush().await;
        }
    }

    fn note(&self, index: TaskIndex, record: &TaskRecord) {
        self.count(
            index,
            Over {
                status: record.status,
                has_result: record.output.is_some() || record.partial.is_some(),
                reason: record.reason,
            },
        );
        let cancel = &self.executor.outside.cancel;
        let with_session = !cancel.is_task_cancelled(index) && !cancel.is_given_up();
        if record.status == TaskStatus::Cancelled && with_session {
            self.cut_short.store(true, Ordering::Relaxed);
        }
    }

    fn count(&self, index: TaskIndex, over: Over) {
        let required = self.executor.graph.task(index).is_some_and(|task| task.required);
        // What is held is not lost.
        let is_missing = !over.has_result && over.status != TaskStatus::Held;
        if (required && is_missing) || over.reason == Some(GiveUp::FailsSession) {
            self.required_missing.store(true, Ordering::Relaxed);
        }
        self.executor.tally.add(over.status);
    }

    /// What the session has come to.
    pub(super) fn outcome(&self) -> SessionOutcome {
        let counts = self.executor.tally.counts();
        let missing = self.required_missing.load(Ordering::Relaxed);
        // A session that was done before the cancellation came is done, and one
        // of which single tasks were cancelled went on.
        let cut_short = self.cut_short.load(Ordering::Relaxed);
        let status = counts.session_status(missing, cut_short);
        SessionOutcome { status, counts }
    }

    /// For the events of one worker.
    pub(super) fn outbox(&self) -> Outbox {
        Outbox::new(self.executor.outside.events.clone())
    }
}

/// What a task comes to in which the host's own code failed.
fn host_failed() -> TaskRecord {
    TaskRecord {
        failure: Some(Arc::new(Failure::new(
            Code::HostPanic,
            "the host failed in this task; what its plugin had handed in is lost, if it had",
        ))),
        reason: Some(GiveUp::NonRetryable),
        ..TaskRecord::new(TaskStatus::Failed)
    }
}
