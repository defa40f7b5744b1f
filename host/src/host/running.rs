//! A session under way.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::WeakSender;
use tokio_util::sync::CancellationToken;

use super::Handle;
use crate::config::SessionRules;
use crate::event::{EVENTS_WAITING, Event, EventReceiver, Reload};
use crate::plugin::{LoadError, Registry};
use crate::session::{Live, SessionOutcome};

/// How long a reader lets events gather.
const GATHER: Duration = Duration::from_micros(500);

/// A session under way.
#[derive(Debug)]
pub struct Running {
    events: EventReceiver,
    batch: VecDeque<Event>,
    thread: JoinHandle<Option<SessionOutcome>>,
    control: Control,
}

/// What can be done to a session under way; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Control {
    handle: Handle,
    live: Arc<Live>,
    /// Weak, so that the readers see the end while a control is still held.
    events: WeakSender<Event>,
}

impl Running {
    pub(super) fn new(
        events: EventReceiver,
        sender: WeakSender<Event>,
        thread: JoinHandle<Option<SessionOutcome>>,
        handle: Handle,
        live: Arc<Live>,
    ) -> Self {
        Self {
            events,
            batch: VecDeque::new(),
            thread,
            control: Control {
                handle,
                live,
                events: sender,
            },
        }
    }

    /// The next event; waits for it. None when the session is over.
    pub fn next_event(&mut self) -> Option<Event> {
        if self.batch.is_empty() {
            // Waking a reader for each event would cost guests more than the
            // event itself. So a reader that has caught up lets some gather.
            std::thread::sleep(GATHER);
            let mut taken = Vec::with_capacity(EVENTS_WAITING);
            self.events.blocking_recv_many(&mut taken, EVENTS_WAITING);
            self.note(&taken);
            self.batch.extend(taken);
        }
        self.batch.pop_front()
    }

    /// Folds events into the status: all that came together under one lock.
    fn note(&self, events: &[Event]) {
        self.control.handle.lock().read_all(events);
    }

    /// What tells the status of the session and of its tasks, and cancels them,
    /// from any thread.
    pub fn handle(&self) -> Handle {
        self.control.handle.clone()
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
        let outcome = self.thread.join().ok().flatten();
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
            let at = Timestamp::now();
            // Readers that went away want to know nothing more.
            let _ = events.blocking_send(Event::Reload { at, outcome });
        }
    }
}
