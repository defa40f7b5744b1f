//! A session from its first task to its last.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::task::JoinSet;

use super::answers::Answers;
use super::breakers::Breakers;
use super::cancellation::Cancellation;
use super::checks::Checks;
use super::executor::{Executor, ended};
use super::graph::{Graph, TaskIndex};
use super::handover::settled;
use super::instances::Instances;
use super::job::{Progress, Turn};
use super::live::Live;
use super::memory::Memory;
use super::scheduler::{Begun, Next, Ready, Scheduler, Settled};
use super::resumed::{Attempted, Over, ResumeState};
use super::status::{SessionStatus, TaskStatus};
use super::tally::Tally;
use crate::circuits::Circuits;
use crate::event::{Event, EventSender, Outbox, TaskRecord};
use crate::failure::{Code, Failure};
use crate::gateway::Gateway;
use crate::journal::Appender;
use crate::policies::{DegradationDesk, RetryDesk};
use crate::pools::Pools;
use crate::resilience::FairBudget;
use crate::sandbox::Outside;
use crate::session::GiveUp;
use crate::sleeper::Sleeper;
use crate::state::Shelf;
use crate::wall_clock;

/// A session that is ready to run.
pub struct Session {
    executor: Executor,
    resume_state: ResumeState,
    /// What earlier sessions left, to be told first.
    left: Vec<Event>,
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
    /// A session over a graph, with the agents and rules that it looks at. All
    /// that it leaves to chance follows from the seed of the rules; without one
    /// a seed is drawn.
    pub fn new(
        id: String,
        graph: Arc<Graph>,
        live: Arc<Live>,
        events: EventSender,
        cancel: Arc<Cancellation>,
    ) -> Self {
        Self::with_journal((id, graph), live, events, cancel, None)
    }

    /// The same with a journal that knows of requests that must not be sent
    /// twice.
    pub(crate) fn with_journal(
        (id, graph): (String, Arc<Graph>),
        live: Arc<Live>,
        events: EventSender,
        cancel: Arc<Cancellation>,
        journal: Option<Appender>,
    ) -> Self {
        let budget = FairBudget::new(graph.agents().len());
        let seed = live.rules().seed.unwrap_or_else(drawn_seed);
        let circuits = Arc::new(Circuits::new(graph.agents()));
        let services = live.services().clone();
        let gateway = Gateway::new(services, circuits.clone(), events.clone());
        let gateway = Arc::new(gateway.with_journal(journal));
        let pools = Arc::new(Pools::new(graph.agents()));
        Instances::new(pools.clone(), live.clone()).reload();
        let executor = Executor {
            session: id,
            retries: RetryDesk::new(graph.agents().len()),
            degradations: DegradationDesk::new(graph.agents().len()),
            tally: Tally::of(graph.len()),
            graph,
            live,
            started: tokio::time::Instant::now(),
            sleeper: Sleeper::Runtime,
            outside: Arc::new(Outside {
                cancel,
                events,
                budget,
                gateway,
                circuits,
            }),
            pools,
            answers: None,
            seed,
        };
        Self {
            executor,
            resume_state: ResumeState::default(),
            left: Vec::new(),
        }
    }

    /// The same session with some of its tasks over already.
    #[must_use]
    pub(crate) fn resuming(self, resume_state: ResumeState) -> Self {
        Self { resume_state, ..self }
    }

    /// The same with waits of another kind.
    #[must_use]
    pub fn sleeping_by(mut self, sleeper: Sleeper) -> Self {
        self.executor.sleeper = sleeper;
        self
    }

    /// What it knows from earlier sessions, which it goes on from, and leaves to
    /// later ones.
    pub(crate) fn remembering(&mut self, shelf: Shelf) -> Memory {
        let (executor, circuits) = (&self.executor, self.executor.outside.circuits.clone());
        let mut memory = Memory::new(shelf, circuits, executor.pools.clone(), executor.live.clone());
        self.left = memory.restore();
        memory
    }

    /// Where it keeps what its tasks gave, and finds what earlier ones did.
    pub(crate) fn answered_by(&mut self, answers: Answers) {
        self.executor.answers = Some(answers);
    }

    /// Its circuits, to be shown and ordered from elsewhere.
    pub fn breakers(&self) -> Breakers {
        let executor = &self.executor;
        Breakers::new(executor.outside.circuits.clone(), executor.live.clone())
    }

    /// Its instances, to be shown and ordered from elsewhere.
    pub fn instances(&self) -> Instances {
        Instances::new(self.executor.pools.clone(), self.executor.live.clone())
    }

    /// For what tasks wait that were tried before the session was resumed.
    fn waits(&self) -> Vec<Event> {
        let (now, executor) = (wall_clock::now(), &self.executor);
        let event = |(index, attempted): (&TaskIndex, &Attempted)| {
            let task = executor.graph.task(*index)?;
            let wait = attempted.waits(executor.longest_wait(task));
            (!wait.is_zero()).then(|| Event::RetryScheduled {
                task: *index,
                number: attempted.next,
                maximum: (attempted.first - 1).saturating_add(executor.most_attempts(task)),
                at: now.checked_add(wait).unwrap_or(Timestamp::MAX),
            })
        };
        self.resume_state.attempted.iter().filter_map(event).collect()
    }

    /// Runs all tasks. Never fails as a whole: what goes wrong is in the
    /// events, and everything that can finish does.
    pub async fn run(mut self) -> SessionOutcome {
        let (at, before) = (self.resume_state.began, self.resume_state.ran);
        let (began, at) = (tokio::time::Instant::now(), at.unwrap_or_else(wall_clock::now));
        let left = std::mem::take(&mut self.left);
        let waits = self.waits();
        let shared = Arc::new(Shared::new(self));
        let mut outbox = shared.outbox();
        let seed = shared.executor.seed;
        let ran = before;
        outbox.say(Event::SessionStarted { at, seed, ran });
        outbox.flush().await;
        for event in left {
            outbox.say(event);
            outbox.flush().await;
        }
        for event in waits {
            outbox.say(event);
            outbox.flush().await;
        }
        let instances = Instances::new(shared.executor.pools.clone(), shared.executor.live.clone());
        let checks = Checks::new(instances.clone(), &shared.executor.outside, shared.executor.seed);
        let executor = &shared.executor;
        let clock = shared
            .scheduler
            .keep_time(&executor.sleeper, &executor.outside.cancel);
        tokio::select! {
            () = Workers::new(shared.clone()).run() => {}
            never = checks.run() => match never {},
            never = clock => match never {},
        }
        let outcome = shared.outcome();
        outbox.say(Event::Instances(instances.list()));
        let (ran, status) = (before.saturating_add(began.elapsed()), outcome.status);
        // The clock may have been set back since the process before this one.
        let at = wall_clock::now().max(at.checked_add(ran).unwrap_or(at));
        outbox.say(Event::SessionEnded { at, ran, status });
        outbox.flush().await;
        outcome
    }
}

/// What a task comes to in which the host's own code failed.
fn host_failed() -> TaskRecord {
    TaskRecord {
        failure: Some(Arc::new(Failure::new(
            Code::HostPanic,
            "the host failed in this task",
        ))),
        reason: Some(GiveUp::NonRetryable),
        ..ended(TaskStatus::Failed)
    }
}

/// A seed of 53 bits: what every reader of a JSON report takes for the same
/// number.
pub(crate) fn drawn_seed() -> u64 {
    getrandom::u64().unwrap_or(0) >> 11
}

/// What the workers of a session share.
struct Shared {
    scheduler: Scheduler,
    executor: Executor,
    required_missing: AtomicBool,
    /// Whether a task was cancelled with the session, not by itself, and not
    /// because a policy gave the session up.
    cut_short: AtomicBool,
}

/// As many workers as tasks may be under way at once, whatever that is now.
struct Workers {
    shared: Arc<Shared>,
    tasks: JoinSet<(usize, Left)>,
    /// The places that have no worker. A worker whose place is not below the
    /// limit leaves after its task.
    free: BTreeSet<usize>,
    places: usize,
}

/// Why a worker has left.
#[derive(PartialEq, Eq)]
enum Left {
    /// All tasks are settled.
    Over,
    /// It was one too many.
    Unwanted,
}

impl Workers {
    fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            tasks: JoinSet::new(),
            free: BTreeSet::new(),
            places: 0,
        }
    }

    async fn run(mut self) {
        self.fill();
        loop {
            tokio::select! {
                left = self.tasks.join_next() => match left {
                    None => return,
                    Some(Ok((place, Left::Unwanted))) => {
                        self.free.insert(place);
                        // The limit may have been raised again meanwhile.
                        self.fill();
                    }
                    Some(_) => {}
                },
                () = self.shared.executor.live.changed() => {
                    self.shared.scheduler.rouse();
                    self.fill();
                }
            }
        }
    }

    /// Puts a worker to every place that is wanted and free.
    fn fill(&mut self) {
        let wanted = self
            .shared
            .executor
            .live
            .max_parallel()
            .min(self.shared.executor.graph.len());
        self.free.extend(self.places..wanted);
        self.places = self.places.max(wanted);
        while let Some(place) = self.free.first().copied().filter(|place| *place < wanted) {
            self.free.remove(&place);
            self.tasks.spawn(work(self.shared.clone(), place));
        }
    }
}

/// Takes one task after the other until all are settled, or this worker is one
/// too many.
async fn work(shared: Arc<Shared>, place: usize) -> (usize, Left) {
    let mut outbox = shared.outbox();
    let wanted = || place < shared.executor.live.max_parallel();
    loop {
        match shared.scheduler.next(wanted).await {
            Next::Task(ready) => shared.carry_on(ready, &mut outbox).await,
            Next::Leave => return (place, Left::Unwanted),
            Next::Over => return (place, Left::Over),
        }
        // A worker whose guests never wait would keep its thread for ever, and
        // the timers of the others with it.
        tokio::task::consume_budget().await;
    }
}

impl Shared {
    fn new(session: Session) -> Self {
        let Session { executor, resume_state, .. } = session;
        let ResumeState { over, mut results, attempted, .. } = resume_state;
        let graph = executor.graph.clone();
        let begun = attempted.into_iter().filter_map(|(index, attempted)| {
            let task = graph.task(index)?;
            let not_before = attempted.waits(executor.longest_wait(task));
            let record = Box::new(Progress::after(task, attempted));
            Some((index, Begun { record, not_before }))
        });
        let begun: Vec<_> = begun.collect();
        let result = |task| results.remove(&task).unwrap_or(Settled::MISSING);
        let is_over = |task| over.contains_key(&task);
        let shared = Self {
            scheduler: Scheduler::new(graph.clone(), is_over, result, begun),
            executor,
            required_missing: AtomicBool::new(false),
            cut_short: AtomicBool::new(false),
        };
        over.iter().for_each(|(task, over)| shared.count(*task, *over));
        shared
    }

    /// Carries a task on, and says what came of that.
    async fn carry_on(&self, ready: Ready, outbox: &mut Outbox) {
        let Ready { ticket, results, progress } = ready;
        let task = ticket.task();
        let turn = self.executor.execute((task, results), progress, outbox);
        // A defect of the host in one task must not leave the others waiting.
        let turn = AssertUnwindSafe(turn).catch_unwind().await;
        match turn.unwrap_or_else(|_| Turn::Over(host_failed())) {
            Turn::Over(record) => {
                self.note(task, &record);
                let settled = settled(&record);
                outbox.say(Event::TaskEnded { task, record });
                outbox.flush().await;
                self.scheduler.settle(ticket, settled);
            }
            Turn::Paused { why, wait, progress } => {
                outbox.flush().await;
                self.scheduler.pause(ticket, why, wait, progress);
                // One that was cancelled before it was paused is not told of it
                // any more.
                if self.executor.outside.cancel.is_cancelled(task) {
                    self.scheduler.recall(&[task]);
                }
            }
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
        if (required && !over.has_result) || over.reason == Some(GiveUp::FailsSession) {
            self.required_missing.store(true, Ordering::Relaxed);
        }
        self.executor.tally.add(over.status);
    }

    fn outcome(&self) -> SessionOutcome {
        let counts = self.executor.tally.counts();
        let missing = self.required_missing.load(Ordering::Relaxed);
        // A session that was done before the cancellation came is done, and one
        // of which single tasks were cancelled went on.
        let cut_short = self.cut_short.load(Ordering::Relaxed);
        let status = counts.session_status(missing, cut_short);
        SessionOutcome { status, counts }
    }

    fn outbox(&self) -> Outbox {
        Outbox::new(self.executor.outside.events.clone())
    }
}
