//! A session under way, seen and stopped from elsewhere.

mod instances;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime;

use crate::control::{Request, Response, SessionView, Status, TaskView};
use crate::session::{Breakers, Graph, Instances, UnknownBreaker};
use fusebox_events::{BreakerView, Event, WeakEventSender};
use fusebox_runtime::breakers::Order;
use fusebox_runtime::cancellation::Cancellation;
use fusebox_types::TaskIndex;
use fusebox_types::failure::printable;

/// A session under way, seen and stopped from elsewhere; cheap to clone.
///
/// The status is as of the last events that were taken from the
/// [`Running`](super::Running): whoever holds that has to go on reading.
#[derive(Debug, Clone)]
pub struct Handle {
    id: Arc<str>,
    graph: Arc<Graph>,
    cancellation: Arc<Cancellation>,
    status: Arc<Mutex<Status>>,
    breakers: Breakers,
    instances: Instances,
    /// Where health checks run that somebody asks for.
    guests: runtime::Handle,
    /// Weak, so that the readers see the end while a handle is still held.
    events: WeakEventSender,
}

/// A session has no task of this id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no task `{}` in this session", printable(.0))]
pub struct UnknownTask(pub String);

impl Handle {
    pub(super) fn new(
        id: &str,
        graph: Arc<Graph>,
        cancellation: Arc<Cancellation>,
        (breakers, instances): (Breakers, Instances),
        guests: runtime::Handle,
        events: WeakEventSender,
    ) -> Self {
        Self {
            id: id.into(),
            status: Arc::new(Mutex::new(Status::new(graph.clone()))),
            graph,
            cancellation,
            breakers,
            instances,
            guests,
            events,
        }
    }

    /// The session as it is now.
    pub fn status(&self) -> SessionView {
        self.lock().session(&self.id, &self.cancellation)
    }

    /// A task as it is now, with its attempts.
    ///
    /// # Errors
    /// If there is no such task.
    pub fn task(&self, id: &str) -> Result<TaskView, UnknownTask> {
        self.index(id)
            .and_then(|index| self.lock().task(index, &self.cancellation))
            .ok_or_else(|| UnknownTask(id.to_owned()))
    }

    /// Cancels the session: its tasks end within a tenth of a second, and what
    /// is there is kept.
    pub fn cancel(&self) {
        self.cancellation.session().cancel();
    }

    /// Cancels one task, and says what it was doing: a wait ends at once, an
    /// attempt within a tenth of a second, and a task that has not begun never
    /// does. The others go on. Nothing happens to a task that is over.
    ///
    /// # Errors
    /// If there is no such task.
    pub fn cancel_task(&self, id: &str) -> Result<TaskView, UnknownTask> {
        let view = self.task(id)?;
        if let (Some(index), false) = (self.index(id), view.state.is_over()) {
            self.cancellation.cancel_task(index);
        }
        Ok(view)
    }

    /// The session's breakers.
    pub fn breakers(&self) -> &Breakers {
        &self.breakers
    }

    /// Orders something of a breaker, and says how it is after that. The
    /// session's readers are told; blocks while they are behind.
    ///
    /// # Errors
    /// If there is no such breaker.
    pub fn order_breaker(&self, key: &str, order: Order) -> Result<BreakerView, UnknownBreaker> {
        self.tell(self.breakers.order(key, order)?);
        self.show_breaker(key)
    }

    /// One breaker, as it is now, with what it holds.
    fn show_breaker(&self, key: &str) -> Result<BreakerView, UnknownBreaker> {
        let mut view = self.breakers.show(key)?;
        self.lock().say_held(std::slice::from_mut(&mut view));
        Ok(view)
    }

    fn list_breakers(&self) -> Vec<BreakerView> {
        let mut breakers = self.breakers.list();
        self.lock().say_held(&mut breakers);
        breakers
    }

    /// Tells the session's readers. Blocks while they are behind.
    fn tell(&self, said: impl IntoIterator<Item = Event>) {
        let Some(events) = self.events.upgrade() else {
            return;
        };
        for event in said {
            events.blocking_send(event);
        }
    }

    /// Does what was asked through the socket. What is said past the events has
    /// no secret in it either.
    pub fn answer(&self, request: &Request) -> Response {
        let mut response = self.respond(request);
        match &mut response {
            Response::Breakers { breakers } => self.events.hide(breakers),
            Response::Instances { instances } => self.events.hide(instances),
            Response::UnknownBreaker { message } | Response::UnknownInstance { message } => {
                self.events.hide(message);
            }
            // Made of events, or of what was asked.
            Response::Session(_)
            | Response::Task(_)
            | Response::UnknownTask { .. }
            | Response::Refused { .. } => {}
        }
        response
    }

    fn respond(&self, request: &Request) -> Response {
        let of_task = |task: Result<TaskView, UnknownTask>| match task {
            Ok(view) => Response::Task(Box::new(view)),
            Err(UnknownTask(task)) => Response::UnknownTask { task },
        };
        let of_breaker = |breaker: Result<BreakerView, UnknownBreaker>| match breaker {
            Ok(view) => Response::Breakers { breakers: vec![view] },
            Err(unknown) => Response::UnknownBreaker {
                message: unknown.to_string(),
            },
        };
        match request {
            Request::Status { task: None } => Response::Session(Box::new(self.status())),
            Request::Status { task: Some(task) } => of_task(self.task(task)),
            Request::Cancel { task: Some(task) } => of_task(self.cancel_task(task)),
            Request::Breakers { key: None } => Response::Breakers {
                breakers: self.list_breakers(),
            },
            Request::Breakers { key: Some(key) } => of_breaker(self.show_breaker(key)),
            Request::OrderBreaker { key, order } => of_breaker(self.order_breaker(key, *order)),
            Request::Instances => Response::Instances {
                instances: self.instances.list(),
            },
            Request::Release { agent, instance } => match self.release(agent, instance) {
                Ok(view) => Response::Instances {
                    instances: vec![view],
                },
                Err(error) => Response::UnknownInstance {
                    message: error.to_string(),
                },
            },
            Request::Cancel { task: None } => {
                let before = self.status();
                self.cancel();
                Response::Session(Box::new(before))
            }
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn cancellation(&self) -> &Arc<Cancellation> {
        &self.cancellation
    }

    pub(super) fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn index(&self, id: &str) -> Option<TaskIndex> {
        let at = self.graph.tasks().iter().position(|task| *task.id == *id)?;
        TaskIndex::try_from(at).ok()
    }
}
