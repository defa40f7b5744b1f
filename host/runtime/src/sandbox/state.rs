//! What a store holds: everything of one attempt, nothing of another.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::WasiCtx;

use super::account::Account;
use super::bounds::Bounds;
use super::budgets::SessionBudgets;
use super::capabilities::Capabilities;
use super::files::Files;
use super::inner_retries::InnerRetries;
use super::limiter::Limiter;
use super::lines::Collector;
use super::meter::Meter;
use super::network::{Identity, Network};
use super::services::Services;
use super::stop::Stop;
use super::wasi::Streams;
use crate::breakers::BreakerRegistry;
use crate::cancellation::Cancellation;
use crate::gateway::{CallObserver, Gateway, IdempotencyKeys};
use crate::sandbox::Limits;
use crate::sandbox::bindings::Content;
use fusebox_events::{EventSender, ProgressGate};
use fusebox_secrets::{Hide, Redactor};
use fusebox_types::TaskIndex;
use fusebox_types::failure::Failure;

/// Whether everything is expected of a plugin, or what can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// All that the task depends on is there.
    Normal,
    /// Something is missing; a lesser result is welcome.
    Degraded,
}

/// What a plugin can know of its attempt.
#[derive(Debug, Clone)]
pub struct AttemptContext {
    /// The attempt's number, from 1.
    pub number: u32,
    /// The number of the last attempt that may be made.
    pub maximum: u32,
    /// Whether all that the task depends on is whole.
    pub mode: Mode,
    /// What the attempt before it failed with.
    pub previous: Option<Arc<Failure>>,
    /// Whether the task can be run twice without harm.
    pub idempotent: bool,
}

/// What attempts share with the session around them: one handle, because each
/// of these costs a lock or a count to clone.
#[derive(Debug)]
pub struct SessionContext {
    /// Who was told to stop.
    pub cancel: Arc<Cancellation>,
    /// Where events go.
    pub events: EventSender,
    /// The retries that the tasks of the session may take together.
    pub budgets: SessionBudgets,
    /// The breakers of agents, upstreams and services.
    pub breakers: Arc<BreakerRegistry>,
    /// The way to upstreams.
    pub gateway: Arc<Gateway>,
}

impl SessionContext {
    /// For a plugin that is only asked what it is: nobody listens to what it
    /// does, and it reaches nothing.
    pub fn unheard(cancel: CancellationToken) -> Self {
        let (events, _) = fusebox_events::channel(Arc::default());
        let breakers = Arc::new(BreakerRegistry::new(&[]));
        Self {
            cancel: Arc::new(Cancellation::new(cancel)),
            budgets: SessionBudgets::new(0),
            gateway: Arc::new(Gateway::new(Arc::default(), breakers.clone(), events.clone())),
            breakers,
            events,
        }
    }
}

/// The data of a store.
pub struct State {
    pub(super) limits: Limits,
    pub(super) granted: Option<Arc<Capabilities>>,
    /// What nothing that it says may show.
    pub(super) redactor: Option<Arc<Redactor>>,
    pub(super) limiter: Limiter,
    pub(super) account: Account,
    pub(super) meter: Meter,
    pub(super) outside: Arc<SessionContext>,
    pub(super) task: TaskIndex,
    pub(super) context: AttemptContext,
    pub(super) lines: Collector,
    pub(super) retries: InnerRetries,
    pub(super) services: Services,
    /// The idempotency keys of its requests, if an upstream takes any.
    pub(super) keys: Option<IdempotencyKeys>,
    pub(super) partial: Option<Content>,
    pub(super) fallback: Option<Content>,
    pub(super) progress: ProgressGate,
    pub(super) table: ResourceTable,
    /// Made when the guest first asks for something of the standard world:
    /// most small tasks never do.
    pub(super) wasi: Option<(WasiCtx, Streams)>,
    pub(super) identity: Identity,
    /// The same, for requests.
    pub(super) network: Option<Box<Network>>,
    /// The same, for files.
    pub(super) files: Option<Box<Files>>,
    /// What the host saw of requests and files, once there were any.
    pub(super) observer: Option<CallObserver>,
    /// Whether the guest learned something that may be another next time.
    pub(super) learned: bool,
}

impl State {
    /// Charges a call to the host and the bytes that it carried.
    pub(super) fn charge(&mut self, bytes: usize) -> wasmtime::Result<()> {
        Ok(self.account.charge(bytes)?)
    }

    /// Notes that the guest learns something that may be another next time.
    pub(super) fn learns(&mut self) -> &mut Self {
        self.learned = true;
        self
    }

    /// Notes that the guest does something that does not come of a failure.
    pub(super) fn goes_on(&self) {
        if let Some(observer) = &self.observer {
            observer.went_on();
        }
    }

    /// What the guest says, without secrets.
    pub(super) fn hidden<T: Hide>(&self, mut said: T) -> T {
        if let Some(redactor) = &self.redactor {
            said.hide(redactor);
        }
        said
    }

    /// What the clock's tick asks: whether the guest may go on.
    pub(super) fn may_go_on(&self) -> Result<(), Stop> {
        self.account.within()?;
        let bounds = Bounds {
            limits: &self.limits,
            meter: &self.meter,
            outside: &self.outside,
            task: self.task,
        };
        bounds.may_go_on()
    }
}

/// Whole milliseconds of a duration.
pub(super) fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
