//! A session from its first task to its last.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::executor::{Executor, ended};
use super::graph::{Graph, TaskIndex};
use super::handover::settled;
use super::scheduler::{Ready, Scheduler};
use super::status::{SessionStatus, TaskStatus};
use crate::event::{Event, EventSender, Outbox, TaskRecord};
use crate::failure::{Code, Failure};
use crate::plugin::{LoadError, Registry};
use crate::sandbox::Outside;
use crate::session::GiveUp;

/// A session that is ready to run.
pub struct Session {
    executor: Executor,
    max_parallel: u32,
}

/// What a session came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionOutcome {
    /// What it came to.
    pub status: SessionStatus,
    /// How many tasks came to what, without those that took several attempts.
    pub counts: super::Counts,
}

impl Session {
    /// A session over a graph whose agents are all ready.
    ///
    /// # Errors
    /// If the registry lacks an agent of the graph.
    pub fn new(
        id: String,
        graph: Arc<Graph>,
        registry: &Registry,
        max_parallel: u32,
        events: EventSender,
        cancel: CancellationToken,
    ) -> Result<Self, LoadError> {
        let unknown = |name: &str| LoadError::Unknown {
            name: name.to_owned(),
            known: "others".into(),
        };
        let agents = graph
            .agents()
            .iter()
            .map(|name| registry.get(name).cloned().ok_or_else(|| unknown(name)))
            .collect::<Result<Vec<_>, _>>()?;
        let seed = getrandom::u64().unwrap_or(0);
        let executor = Executor {
            session: id,
            graph,
            agents,
            outside: Arc::new(Outside { cancel, events }),
            seed,
        };
        Ok(Self {
            executor,
            max_parallel,
        })
    }

    /// Runs all tasks. Never fails as a whole: what goes wrong is in the
    /// events, and everything that can finish does.
    pub async fn run(self) -> SessionOutcome {
        let shared = Arc::new(Shared {
            scheduler: Scheduler::new(self.executor.graph.clone()),
            executor: self.executor,
            required_missing: AtomicBool::new(false),
            tally: std::sync::Mutex::default(),
        });
        let mut outbox = shared.outbox();
        outbox.say(Event::SessionStarted { at: Timestamp::now() });
        outbox.flush().await;
        let count = (self.max_parallel as usize).min(shared.executor.graph.len());
        let mut workers: JoinSet<()> = (0..count).map(|_| work(shared.clone())).collect();
        while workers.join_next().await.is_some() {}
        let outcome = shared.outcome();
        let (at, status) = (Timestamp::now(), outcome.status);
        outbox.say(Event::SessionEnded { at, status });
        outbox.flush().await;
        outcome
    }
}

/// What the workers of a session share.
struct Shared {
    scheduler: Scheduler,
    executor: Executor,
    required_missing: AtomicBool,
    tally: std::sync::Mutex<super::Counts>,
}

/// Takes one task after the other until all are settled.
async fn work(shared: Arc<Shared>) {
    let mut outbox = shared.outbox();
    while let Some(ready) = shared.scheduler.next().await {
        shared.finish(ready, &mut outbox).await;
        // A worker whose guests never wait would keep its thread for ever, and
        // the timers of the others with it.
        tokio::task::consume_budget().await;
    }
}

impl Shared {
    async fn finish(&self, ready: Ready, outbox: &mut Outbox) {
        let index = ready.index;
        // A defect of the host in one task must not leave the others waiting.
        let caught = AssertUnwindSafe(self.executor.execute(ready, outbox))
            .catch_unwind()
            .await;
        let record = caught.unwrap_or_else(|_| TaskRecord {
            failure: Some(Arc::new(Failure::new(
                Code::HostPanic,
                "the host failed in this task",
            ))),
            reason: Some(GiveUp::NonRetryable),
            ..ended(TaskStatus::Failed)
        });
        self.note(index, &record);
        let settled = settled(&record);
        outbox.say(Event::TaskEnded { task: index, record });
        outbox.flush().await;
        self.scheduler.settle(index, settled);
    }

    fn note(&self, index: TaskIndex, record: &TaskRecord) {
        let required = self.executor.graph.task(index).is_some_and(|task| task.required);
        if required && record.output.is_none() && record.partial.is_none() {
            self.required_missing.store(true, Ordering::Relaxed);
        }
        self.tally
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .add(record.status, 1);
    }

    fn outcome(&self) -> SessionOutcome {
        let mut counts = *self
            .tally
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        counts.total = self.executor.graph.len() as u64;
        let missing = self.required_missing.load(Ordering::Relaxed);
        // A session that was done before the cancellation came is done.
        let status = counts.session_status(missing, counts.cancelled > 0);
        SessionOutcome { status, counts }
    }

    fn outbox(&self) -> Outbox {
        Outbox::new(self.executor.outside.events.clone())
    }
}
