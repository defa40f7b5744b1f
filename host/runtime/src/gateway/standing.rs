//! What stands, where requests pass: who may be asked, who waits until that is
//! known, and what is learned from answers.
//!
//! ```text
//! pass: settled -> a place -> enter -> sent -> Entered::ends -> dropped
//!          ^                    |                  |
//!          +--- not known yet --+    changed  <----+   <- a task's end
//! ```

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::call::OutboundRequest;
use super::failures::undecided;
use super::service::{Current, Service, Services};
use fusebox_events::{Event, EventSender};
use fusebox_resilience::standing::{
    Account, Admission, Asking, EndedTask, Holder, StandingCause, StandingCauses, Turn,
};
use fusebox_types::TaskIndex;
use fusebox_types::failure::Failure;
use fusebox_upstream::call::{End, How};

/// How long a request waits until one may try although nothing is known: longer
/// than a plugin takes to end of what it was answered, shorter than anybody minds.
const PATIENCE: Duration = Duration::from_secs(5);

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

/// One request, on its way to an upstream.
pub(super) struct Approach {
    account: Option<Account>,
    task: TaskIndex,
    deadline: Instant,
    turn: Option<Turn>,
}

impl Approach {
    pub(super) fn new(ask: &OutboundRequest) -> Self {
        Self {
            account: None,
            task: ask.task,
            deadline: ask.terms.deadline,
            turn: None,
        }
    }

    /// Notes whose credentials it is asked with.
    pub(super) fn to(&mut self, upstream: &str, service: &Service, ask: &OutboundRequest) {
        let shared = service.upstream.as_ref().is_some_and(|to| to.sends_secrets());
        let own = (!shared).then(|| Holder {
            agent: ask.agent.clone(),
            instance: ask.instance.clone(),
        });
        // What nobody is known to share, each task may have of its own.
        self.account = (shared || ask.has_secrets).then(|| Account {
            upstream: upstream.into(),
            own,
        });
    }

    /// Until when it waits: never to the deadline, so that some of the time is
    /// left for the answer.
    fn patience(&self) -> Instant {
        let now = Instant::now();
        let left = self.deadline.saturating_duration_since(now);
        now + PATIENCE.min(left / 2)
    }
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
    /// What it would end with, or that nothing was known in time.
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
        let until = approach.patience();
        if timeout_at(until, changed).await.is_err() {
            approach.turn = Some(turn);
        }
        match Instant::now() < approach.deadline {
            true => Ok(false),
            false => Err(undecided(&account.upstream)),
        }
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

/// A request that was let pass. Its end is noted when this is dropped.
#[derive(Debug)]
pub(super) struct Entered {
    standing: Standing,
    asking: Option<Asking>,
}

impl Entered {
    /// The request has ended, with this failure if anything is wrong.
    pub(super) fn ends(&self, end: &End, failure: Option<&Failure>) {
        let Some(asking) = &self.asking else { return };
        let answered = !matches!(end.how, How::Failed(_)) && end.status.is_some();
        match failure {
            Some(failure) if failure.code.is_standing() && failure.code.is_answer() => {
                self.standing.look().causes.refused(asking, failure);
            }
            None if answered => self.standing.look().causes.succeeded(asking),
            _ => {}
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some(asking) = self.asking.take() {
            self.standing.change(|causes| causes.end(asking));
        }
    }
}

/// A task that a worker carries out: when this is dropped it is not under way any
/// more, and nobody waits for it.
#[derive(Debug)]
pub struct TaskUnderWay {
    standing: Standing,
    task: TaskIndex,
}

impl Drop for TaskUnderWay {
    fn drop(&mut self) {
        self.standing.change(|causes| {
            causes.left(self.task);
            None
        });
    }
}

impl super::Gateway {
    /// A task is under way until what this gives is dropped.
    pub fn under_way(&self, task: TaskIndex) -> TaskUnderWay {
        let standing = self.standing.clone();
        standing.look().causes.began(task);
        TaskUnderWay { standing, task }
    }

    /// What each task of an instance ends with that was granted these upstreams,
    /// because what it surely needs does not work.
    pub fn stands_for(&self, holder: &Holder, granted: &[String]) -> Option<Arc<Failure>> {
        self.standing.look().causes.stands_for(holder, granted)
    }

    /// A task's attempts by an agent have ended with this failure.
    pub fn task_failed(&self, holder: &Holder, task: &EndedTask, failure: &Failure) {
        self.standing.change(|causes| causes.task_failed(holder, task, failure));
    }

    /// A task has succeeded; `called` is whether it called an upstream.
    pub fn task_succeeded(&self, holder: &Holder, called: bool) {
        self.standing.look().causes.task_succeeded(holder, called);
    }
}
