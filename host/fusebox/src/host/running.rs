//! A session under way.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;

use tokio_util::sync::CancellationToken;

use super::Handle;
use crate::agents::{LoadError, Registry};
use crate::archive::{ArchiveError, Batch, Replay};
use crate::config::SessionRules;
use crate::degradation::Degradation;
use crate::session::{LiveSettings, SessionOutcome};
use fusebox_events::{Event, Reload, WeakEventSender};
use fusebox_system::wall_clock;

/// A session under way.
#[derive(Debug)]
pub struct Running {
    events: Receiver<Batch>,
    /// What had happened before, if the session is resumed.
    replay: Option<Replay>,
    batch: VecDeque<Event>,
    /// Why nothing more can be told.
    failed: Option<ArchiveError>,
    thread: JoinHandle<Option<SessionOutcome>>,
    /// What writes down what outlives the session.
    remembering: Option<JoinHandle<()>>,
    control: Control,
}

/// What can be done to a session under way; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Control {
    handle: Handle,
    live: Arc<LiveSettings>,
    /// Weak, so that the readers see the end while a control is still held.
    events: WeakEventSender,
}

impl Running {
    pub(super) fn new(
        events: Receiver<Batch>,
        replay: Option<Replay>,
        sender: WeakEventSender,
        (thread, remembering): (JoinHandle<Option<SessionOutcome>>, Option<JoinHandle<()>>),
        handle: Handle,
        live: Arc<LiveSettings>,
    ) -> Self {
        Self {
            events,
            replay,
            batch: VecDeque::new(),
            failed: None,
            thread,
            remembering,
            control: Control {
                handle,
                live,
                events: sender,
            },
        }
    }

    /// The next event; waits for it. None when the session is over, or when
    /// what happens in it cannot be kept: it is cancelled then, and
    /// [`kept`](Self::kept) says why.
    pub fn next_event(&mut self) -> Option<Event> {
        while self.batch.is_empty() && self.failed.is_none() {
            match self.next_batch()? {
                Ok(events) => {
                    self.note(&events);
                    self.batch.extend(events);
                }
                Err(error) => {
                    self.failed = Some(error);
                    self.canceller().cancel();
                }
            }
        }
        self.batch.pop_front()
    }

    fn next_batch(&mut self) -> Option<Result<Vec<Event>, ArchiveError>> {
        if let Some(told) = self.replay.as_mut().and_then(Iterator::next) {
            // An earlier run may have known other secrets.
            let hidden = told.map(|mut events| {
                self.control.events.hide(&mut events);
                events
            });
            return Some(hidden.map_err(ArchiveError::from));
        }
        self.events.recv().ok().map(Batch::durable)
    }

    /// Whether all that happened was kept, if anything was to be.
    ///
    /// # Errors
    /// Why not.
    pub fn kept(&mut self) -> Result<(), ArchiveError> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Folds events into the status: all that came together under one lock.
    fn note(&self, events: &[Event]) {
        let mut status = self.control.handle.lock();
        events.iter().for_each(|event| status.read(event));
    }

    /// What tells the status of the session and of its tasks, and cancels them,
    /// from any thread.
    pub fn handle(&self) -> Handle {
        self.control.handle.clone()
    }

    /// What is left of the session, once its events are read into it; all of
    /// them, from the first. `source` is the board or session file that it is
    /// made of.
    pub fn degradation(&self, source: &str) -> Degradation {
        let handle = &self.control.handle;
        Degradation::new(handle.id(), source, handle.graph().clone())
    }

    /// What cancels the session: its tasks end within a tenth of a second, and
    /// what is there is kept.
    pub fn canceller(&self) -> CancellationToken {
        self.control.handle.cancellation().session().clone()
    }

    pub(super) fn control(&self) -> Control {
        self.control.clone()
    }

    /// Waits for the end; events that nobody took are dropped.
    ///
    /// # Errors
    /// If the host itself failed.
    pub fn wait(mut self) -> Result<SessionOutcome, LoadError> {
        while self.next_event().is_some() {}
        // What could not be kept is not told, but it is taken, so that the
        // session comes to its end.
        while self.events.recv().is_ok() {}
        let outcome = self.thread.join().ok().flatten();
        // It says itself what it cannot write.
        let _ = self.remembering.map(JoinHandle::join);
        outcome.ok_or_else(|| LoadError::Host("the session ended without an outcome".into()))
    }
}

impl Control {
    /// Puts other agents and rules in force. What has begun ends as it began.
    pub(super) fn replace(&self, registry: &Registry, rules: SessionRules) -> Result<(), LoadError> {
        self.live.replace(self.handle.graph(), registry, rules)?;
        self.handle.reload_instances();
        Ok(())
    }

    /// Tells the session's readers what a reload came to. Blocks while they are
    /// behind.
    pub(super) fn tell(&self, outcome: Reload) {
        if let Some(events) = self.events.upgrade() {
            // Taken after the change: what begins later is under the new rules.
            let at = wall_clock::now();
            events.blocking_send(Event::Reload { at, outcome });
        }
    }
}
