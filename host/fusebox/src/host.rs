//! The host: an engine and the threads that guests run on.

mod guest_threads;
mod handle;
mod launch;
mod policies;
mod reload;
mod running;

use crate::session::Remember;
use guest_threads::GuestThreads;
pub use handle::{Handle, UnknownTask};
pub use launch::Launch;
pub use reload::Reloader;
pub use running::Running;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::agents::{LoadError, Registry};
use crate::archive::{self, SessionJournal};
use crate::config::{Config, SessionRules};
use crate::session::{Graph, LiveSettings, Session};
use crate::sleeper::Sleeper;
use fusebox_runtime::cancellation::Cancellation;
use fusebox_runtime::engine::{Engine, EngineError, EngineOptions};
use fusebox_runtime::plugin::{self, Inspection};

/// Runs sessions. Make one and keep it.
///
/// Guests have a runtime of their own, with a thread for each core. Whatever
/// reads events, waits for signals or writes files runs elsewhere, so that no
/// number of spinning guests can keep it from its work.
pub struct Host {
    engine: Engine,
    guests: Arc<GuestThreads>,
    sleeper: Sleeper,
}

impl Host {
    /// A host with an engine made as said.
    ///
    /// # Errors
    /// If the engine cannot be made or threads cannot be started.
    pub fn new(options: &EngineOptions) -> Result<Self, EngineError> {
        let engine = Engine::new(options)?;
        let guests = GuestThreads::start()
            .map_err(|error| EngineError::Setup(format!("no threads for guests: {error}")))?;
        let clock = engine.clone();
        let sleeper = Sleeper::precise(move || clock.end_turns())
            .map_err(|error| EngineError::Setup(format!("no thread for waits: {error}")))?;
        Ok(Self {
            engine,
            guests: Arc::new(guests),
            sleeper,
        })
    }

    /// Looks at a plugin's file.
    ///
    /// # Errors
    /// If the file cannot be read or the host itself fails.
    pub fn inspect(&self, path: &std::path::Path) -> Result<Inspection, LoadError> {
        self.guests
            .block_on(plugin::inspect(&self.engine, path))
            .map_err(|error| LoadError::of_plugin("", error))
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
        let names: Vec<_> = names.into_iter().collect();
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
        let graph = Arc::unwrap_or_clone(graph.into()).with_fallback_agents(config);
        let graph = Arc::new(graph);
        let registry = self.load(config, graph.agents().iter().map(String::as_str))?;
        let cancel = CancellationToken::new();
        self.start_with(id, graph, &registry, config.session, cancel)
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
        rules: SessionRules,
        cancel: CancellationToken,
    ) -> Result<Running, LoadError> {
        let session = Launch::new(id, graph, rules, cancel);
        self.launch(session, registry)
    }

    /// The same for a session that is kept in a journal.
    ///
    /// # Errors
    /// If the registry lacks an agent of the graph.
    pub fn launch(&self, session: Launch<'_>, registry: &Registry) -> Result<Running, LoadError> {
        let Launch {
            id,
            graph,
            rules,
            cancel,
            archive,
            resume_state,
            replay,
            shelf,
            no_wait,
        } = session;
        let live = Arc::new(LiveSettings::new(&graph, registry, rules)?);
        let (sender, events) = fusebox_events::channel(registry.vault().clone());
        let weak = sender.downgrade();
        let cancellation = Arc::new(Cancellation::new(cancel));
        let shown = graph.clone();
        let journal = archive.map(SessionJournal::appender);
        let session = (id.to_owned(), graph);
        let mut session = Session::with_journal(session, live.clone(), sender, cancellation.clone(), journal)
            .sleeping_by(self.sleeper.clone())
            .resuming(resume_state)
            .without_waiting(no_wait);
        let remember = shelf.map(|shelf| Remember::begin(shelf, &mut session));
        let remember = remember.transpose().map_err(no_thread("what is kept"))?;
        let (remember, remembering) = remember.unzip();
        let guests = self.guests.clone();
        let rooms = (session.breakers(), session.instances());
        let handle = Handle::new(
            id,
            shown,
            cancellation,
            rooms,
            guests.handle().clone(),
            weak.clone(),
        );
        let work = move || guests.block_on(async { tokio::spawn(session.run()).await.ok() });
        let thread = std::thread::Builder::new()
            .name("fusebox-session".into())
            .spawn(work)
            .map_err(no_thread("the session"))?;
        let batches = archive::carry(events, archive.map(SessionJournal::journal_writer), remember)
            .map_err(no_thread("the events"))?;
        Ok(Running::new(
            batches,
            replay,
            weak,
            (thread, remembering),
            handle,
            live,
        ))
    }
}

fn no_thread(whose: &'static str) -> impl FnOnce(std::io::Error) -> LoadError {
    move |error| LoadError::Host(format!("no thread for {whose}: {error}"))
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}
