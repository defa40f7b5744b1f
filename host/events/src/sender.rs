//! The way into a session's events. Nothing gets there but through this, and
//! nothing gets through this with a secret in it.

use std::sync::Arc;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, WeakSender};

use super::Event;
use fusebox_secrets::{Hide, Redactor, Vault};

/// Where a session's events go. Takes the secrets out of them.
#[derive(Debug, Clone)]
pub struct EventSender {
    to: mpsc::Sender<Event>,
    vault: Arc<Vault>,
}

/// The same, without keeping the way open.
#[derive(Debug, Clone)]
pub struct WeakEventSender {
    to: WeakSender<Event>,
    vault: Arc<Vault>,
}

impl EventSender {
    pub(super) fn new(to: mpsc::Sender<Event>, vault: Arc<Vault>) -> Self {
        Self { to, vault }
    }

    /// What hides the secrets that are known now; none if none are.
    pub fn redactor(&self) -> Option<Arc<Redactor>> {
        self.vault.redactor()
    }

    /// Takes the secrets out of something that will be said.
    pub fn hide(&self, said: &mut impl Hide) {
        self.vault.hide(said);
    }

    /// Sends an event. Waits while the readers are behind. Readers that went
    /// away want to know nothing more.
    pub async fn send(&self, mut event: Event) {
        self.hide(&mut event);
        let _ = self.to.send(event).await;
    }

    /// The same for several, in place.
    pub async fn send_all(&self, events: &mut Vec<Event>) {
        if let Ok(places) = self.to.reserve_many(events.len()).await {
            self.hide(events);
            places
                .zip(events.drain(..))
                .for_each(|(place, event)| place.send(event));
        }
        events.clear();
    }

    /// Sends an event, blocking.
    pub fn blocking_send(&self, mut event: Event) {
        self.hide(&mut event);
        let _ = self.to.blocking_send(event);
    }

    /// Sends an event without waiting; gives it back if there is no place.
    pub fn try_send(&self, mut event: Event) -> Option<Event> {
        self.hide(&mut event);
        match self.to.try_send(event) {
            Err(TrySendError::Full(event)) => Some(event),
            _ => None,
        }
    }

    pub fn downgrade(&self) -> WeakEventSender {
        WeakEventSender {
            to: self.to.downgrade(),
            vault: self.vault.clone(),
        }
    }
}

impl WeakEventSender {
    /// The way, if it is still open.
    pub fn upgrade(&self) -> Option<EventSender> {
        let vault = self.vault.clone();
        self.to.upgrade().map(|to| EventSender { to, vault })
    }

    /// Takes the secrets out of what is said past the events.
    pub fn hide(&self, said: &mut impl Hide) {
        self.vault.hide(said);
    }
}
