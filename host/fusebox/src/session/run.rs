//! A session from its first task to its last.

use std::sync::Arc;

use jiff::Timestamp;

use super::answers::Answers;
use super::breakers::Breakers;
use super::checks::Checks;
use super::executor::Executor;
use super::gatekeeper::Gatekeeper;
use super::graph::Graph;
use super::instances::Instances;
use super::job::ResumedKeys;
use super::live_settings::LiveSettings;
use super::persistence::Memory;
use super::resumed::{Attempted, ResumeState};
use super::scheduler::Surroundings;
use super::shared::Shared;
use super::tally::Tally;
use super::workers::Workers;
use crate::pools::Pools;
use crate::sleeper::Sleeper;
use fusebox_events::{Event, EventSender};
use fusebox_runtime::breakers::BreakerRegistry;
use fusebox_runtime::cancellation::Cancellation;
use fusebox_runtime::gateway::Gateway;
use fusebox_runtime::policy_memory::PolicyMemories;
use fusebox_runtime::sandbox::{SessionBudgets, SessionContext};
use fusebox_store::journal::Appender;
use fusebox_store::state::StateStore;
use fusebox_system::wall_clock;
use fusebox_types::{SessionStatus, TaskIndex};

/// A session that is ready to run.
pub struct Session {
    executor: Executor,
    resume_state: ResumeState,
    /// What earlier sessions left, to be told first.
    left: Vec<Event>,
    /// Whether it ends as soon as all that is left is held.
    no_wait: bool,
}

/// What a session came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionOutcome {
    /// What it came to.
    pub status: SessionStatus,
    /// How many tasks came to what, without those that took several attempts.
    pub counts: fusebox_types::Counts,
}

impl Session {
    /// A session over a graph, with the agents and rules that it looks at. All
    /// that it leaves to chance follows from the seed of the rules; without one
    /// a seed is drawn.
    pub fn new(
        id: String,
        graph: Arc<Graph>,
        live: Arc<LiveSettings>,
        events: EventSender,
        cancel: Arc<Cancellation>,
    ) -> Self {
        Self::with_journal((id, graph), live, events, cancel, None)
    }

    /// The same with a journal that knows of requests that must not be sent
    /// twice.
    pub(crate) fn with_journal(
        (id, graph): (String, Arc<Graph>),
        live: Arc<LiveSettings>,
        events: EventSender,
        cancel: Arc<Cancellation>,
        journal: Option<Appender>,
    ) -> Self {
        let budgets = SessionBudgets::new(graph.agents().len());
        let seed = live.rules().seed.unwrap_or_else(drawn_seed);
        let breakers = Arc::new(BreakerRegistry::new(graph.agents()));
        let services = live.services().clone();
        let gateway = Gateway::new(services, breakers.clone(), events.clone());
        let gateway = Arc::new(gateway.with_journal(journal));
        let pools = Arc::new(Pools::new(graph.agents()));
        Instances::new(pools.clone(), live.clone()).reload();
        let outside = Arc::new(SessionContext {
            cancel,
            events,
            budgets,
            gateway,
            breakers,
        });
        let executor = Executor {
            session: id,
            keeper: Arc::new(Gatekeeper::new(live.clone(), outside.clone())),
            memories: PolicyMemories::new(graph.agents().len()),
            tally: Tally::of(graph.len()),
            graph,
            live,
            started: tokio::time::Instant::now(),
            sleeper: Sleeper::Runtime,
            outside,
            pools,
            answers: None,
            keys: ResumedKeys::default(),
            seed,
        };
        Self {
            executor,
            resume_state: ResumeState::default(),
            left: Vec::new(),
            no_wait: false,
        }
    }

    /// The same session with some of its tasks over already.
    #[must_use]
    pub(crate) fn resuming(mut self, mut resume_state: ResumeState) -> Self {
        self.executor.keys = std::mem::take(&mut resume_state.keys);
        Self { resume_state, ..self }
    }

    /// The same, which ends as soon as all that is left is held.
    #[must_use]
    pub(crate) fn without_waiting(self, no_wait: bool) -> Self {
        Self { no_wait, ..self }
    }

    /// The same with waits of another kind.
    #[must_use]
    pub fn sleeping_by(mut self, sleeper: Sleeper) -> Self {
        self.executor.sleeper = sleeper;
        self
    }

    /// What it knows from earlier sessions, which it goes on from, and leaves to
    /// later ones.
    pub(crate) fn remembering(&mut self, shelf: StateStore) -> Memory {
        let (executor, breakers) = (&self.executor, self.executor.outside.breakers.clone());
        let mut memory = Memory::new(shelf, breakers, executor.pools.clone(), executor.live.clone());
        self.left = memory.restore();
        memory
    }

    /// Where it keeps what its tasks gave, and finds what earlier ones did.
    pub(crate) fn answered_by(&mut self, answers: Answers) {
        self.executor.answers = Some(answers);
    }

    /// Its breakers, to be shown and ordered from elsewhere.
    pub fn breakers(&self) -> Breakers {
        let executor = &self.executor;
        Breakers::new(executor.outside.breakers.clone(), executor.live.clone())
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
        let shared = Arc::new(Shared::new(self.executor, self.resume_state, self.no_wait));
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
        let clock = shared.scheduler.keep_time(Surroundings {
            sleeper: &executor.sleeper,
            cancel: &executor.outside.cancel,
            events: &executor.outside.events,
        });
        tokio::select! {
            () = Workers::new(shared.clone()).run() => {}
            never = checks.run() => match never {},
            never = clock => match never {},
        }
        shared.leave(&mut outbox).await;
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

/// A seed of 53 bits: what every reader of a JSON report takes for the same
/// number.
pub fn drawn_seed() -> u64 {
    getrandom::u64().unwrap_or(0) >> 11
}
