//! What stands, where requests pass: who may be asked, who waits until that is
//! known, and what is learned from answers.
//!
//! ```text
//! pass: settled -> a place -> enter -> sent -> Entered::ends -> dropped
//!          ^                    |                  |
//!          +--- not known yet --+    changed  <----+   <- a task's end
//! ```

mod approach;
mod entered;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::timeout;

pub(super) use self::approach::Approach;
pub(super) use self::entered::Entered;
pub use self::entered::TaskUnderWay;
use super::service::{Current, Service, Services};
use fusebox_events::{Event, EventSender};
use fusebox_resilience::standing::{Admission, StandingCause, StandingCauses};
use fusebox_types::failure::Failure;

/// What stands in a session. Its clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Standing(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// The upstreams, as they are now.
    services: Current,
    events: EventSender,
    /// Told whenever somebody who waits may have to go on.
    changed: Notify,
}

#[derive(Debug)]
struct State {
    causes: StandingCauses,
    /// The upstreams that the causes are about.
    services: Arc<Services>,
}

impl Standing {
    pub(super) fn new(services: Current, events: EventSender) -> Self {
        let state = State {
            causes: StandingCauses::default(),
            services: services.load_full(),
        };
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            services,
            events,
            changed: Notify::new(),
        }))
    }

    /// Waits until it is known whether a request may be sent; false if it had to
    /// wait, so that whatever it saw before may have changed.
    ///
    /// # Errors
    /// What it would end with.
    pub(super) async fn settled(&self, approach: &mut Approach) -> Result<bool, Failure> {
        let Some(account) = approach.account.clone() else {
            return Ok(true);
        };
        // Asked to be told before looking: what changes between is heard.
        let changed = self.0.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        let turn = {
            let state = self.look();
            match state.causes.admission(&account, approach.task) {
                Admission::Pass => return Ok(true),
                Admission::Refused(failure) => return Err(Failure::clone(&failure)),
                Admission::Wait => state.causes.turn(&account),
            }
        };
        if approach.turn == Some(turn) {
            // It has waited its time out, and nobody else has tried.
            return Ok(true);
        }
        if timeout(approach.patience(), changed).await.is_err() {
            approach.turn = Some(turn);
        }
        Ok(false)
    }

    /// Lets a request to this service pass, now that all else lets it; none if it
    /// has to look again.
    ///
    /// # Errors
    /// What it would end with.
    pub(super) fn enter(&self, approach: &Approach, service: &Service) -> Result<Option<Entered>, Failure> {
        let mut entered = Entered {
            standing: self.clone(),
            asking: None,
        };
        let Some(account) = &approach.account else {
            return Ok(Some(entered));
        };
        let mut state = self.look();
        let now = state.services.by_name.get(&*account.upstream);
        if now.is_none_or(|now| !std::ptr::eq(&**now, service) && !now.is_same(service)) {
            return Ok(None);
        }
        match state.causes.begin(account, approach.task, approach.turn) {
            Ok(asking) => entered.asking = Some(asking),
            Err(Admission::Refused(failure)) => return Err(Failure::clone(&failure)),
            Err(_) => return Ok(None),
        }
        drop(state);
        Ok(Some(entered))
    }

    /// The state, about the upstreams as they are now.
    fn look(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.0.services.load();
        if !Arc::ptr_eq(&now, &state.services) {
            let State { causes, services } = &mut *state;
            causes.reloaded(|name| {
                let both = services.by_name.get(name).zip(now.by_name.get(name));
                both.is_some_and(|(before, now)| now.is_same(before))
            });
            state.services = now.clone();
            self.0.changed.notify_waiters();
        }
        state
    }

    /// Changes what is known, and says what stands from now on.
    fn change(&self, change: impl FnOnce(&mut StandingCauses) -> Option<StandingCause>) {
        let cause = change(&mut self.look().causes);
        self.0.changed.notify_waiters();
        if let Some(cause) = cause {
            let at = fusebox_system::wall_clock::now();
            super::tell(&self.0.events, standing(at, cause));
        }
    }
}

fn standing(at: Timestamp, cause: StandingCause) -> Event {
    Event::Standing {
        at,
        about: cause.subject.to_string().into(),
        failure: cause.failure,
        tasks: cause.tasks,
    }
}

#[cfg(test)]
mod tests;
