//! The host: an engine and the threads that guests run on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::engine::{Engine, EngineError, EngineOptions};
use crate::event::{self, EVENTS_WAITING, Event, EventReceiver};
use crate::plugin::{self, Inspection, LoadError, Registry};
use crate::session::{Graph, Session, SessionOutcome};

/// Runs sessions. Make one and keep it.
///
/// Guests have a runtime of their own, with a thread for each core. Whatever
/// reads events, waits for signals or writes files runs elsewhere, so that no
/// number of spinning guests can keep it from its work.
pub struct Host {
    engine: Engine,
    guests: Arc<Runtime>,
}

/// How long a reader lets events gather.
const GATHER: Duration = Duration::from_micros(500);

/// How often a guest thread looks at its timers, in polls. A spinning guest is
/// polled for a millisecond at a time, so timers are late by a few at most.
const POLLS_BETWEEN_TIMERS: u32 = 8;

impl Host {
    /// A host with an engine made as said.
    ///
    /// # Errors
    /// If the engine cannot be made or threads cannot be started.
    pub fn new(options: &EngineOptions) -> Result<Self, EngineError> {
        let engine = Engine::new(options)?;
        let guests = Builder::new_multi_thread()
            .thread_name("fusebox-guests")
            .event_interval(POLLS_BETWEEN_TIMERS)
            .enable_all()
            .build()
            .map_err(|error| EngineError::Setup(format!("no threads for guests: {error}")))?;
        Ok(Self {
            engine,
            guests: Arc::new(guests),
        })
    }

    /// Looks at a plugin's file.
    ///
    /// # Errors
    /// If the file cannot be read or the host itself fails.
    pub fn inspect(&self, path: &std::path::Path) -> Result<Inspection, LoadError> {
        self.guests.block_on(plugin::inspect(&self.engine, path))
    }

    /// Makes the named agents of a configuration ready.
    ///
    /// # Errors
    /// The first agent that is not ready, and why.
    pub fn load<'a>(
        &self,
        config: &Config,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Registry, LoadError> {
        self.guests.block_on(Registry::load(&self.engine, config, names))
    }

    /// Loads the agents that a graph needs and starts to run it.
    ///
    /// # Errors
    /// The first agent that is not ready. Nothing has run then.
    pub fn start(
        &self,
        id: &str,
        graph: impl Into<Arc<Graph>>,
        config: &Config,
    ) -> Result<Running, LoadError> {
        let graph = graph.into();
        let registry = self.load(config, graph.agents().iter().map(String::as_str))?;
        let cancel = CancellationToken::new();
        self.start_with(id, graph, &registry, config.session.max_parallel, cancel)
    }

    /// Starts to run a graph whose agents are ready, until it is over or the
    /// token is cancelled.
    ///
    /// # Errors
    /// If the registry lacks an agent of the graph.
    pub fn start_with(
        &self,
        id: &str,
        graph: Arc<Graph>,
        registry: &Registry,
        max_parallel: u32,
        cancel: CancellationToken,
    ) -> Result<Running, LoadError> {
        let (sender, events) = event::channel();
        let session = Session::new(
            id.to_owned(),
            graph,
            registry,
            max_parallel,
            sender,
            cancel.clone(),
        )?;
        let guests = self.guests.clone();
        let work = move || guests.block_on(async { tokio::spawn(session.run()).await.ok() });
        let thread = std::thread::Builder::new()
            .name("fusebox-session".into())
            .spawn(work)
            .map_err(|error| LoadError::Host(format!("no thread for the session: {error}")))?;
        Ok(Running {
            events,
            batch: VecDeque::new(),
            cancel,
            thread,
        })
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}

/// A session under way.
#[derive(Debug)]
pub struct Running {
    events: EventReceiver,
    batch: VecDeque<Event>,
    cancel: CancellationToken,
    thread: JoinHandle<Option<SessionOutcome>>,
}

impl Running {
    /// The next event; waits for it. None when the session is over.
    pub fn next_event(&mut self) -> Option<Event> {
        if self.batch.is_empty() {
            // Waking a reader for each event would cost guests more than the
            // event itself. So a reader that has caught up lets some gather.
            std::thread::sleep(GATHER);
            let mut taken = Vec::with_capacity(EVENTS_WAITING);
            self.events.blocking_recv_many(&mut taken, EVENTS_WAITING);
            self.batch.extend(taken);
        }
        self.batch.pop_front()
    }

    /// What cancels the session: its tasks end within a tenth of a second, and
    /// what is there is kept.
    pub fn canceller(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// Waits for the end; events that nobody took are dropped.
    ///
    /// # Errors
    /// If the host itself failed.
    pub fn wait(mut self) -> Result<SessionOutcome, LoadError> {
        while self.next_event().is_some() {}
        let outcome = self.thread.join().ok().flatten();
        outcome.ok_or_else(|| LoadError::Host("the session ended without an outcome".into()))
    }
}
