//! One request, on its way to an upstream.

use std::time::Duration;

use crate::attempt_clock::CallClock;
use crate::gateway::call::OutboundRequest;
use crate::gateway::service::Service;
use fusebox_resilience::standing::{Account, Turn};
use fusebox_types::TaskIndex;

/// How long a request waits until one may try although nothing is known: longer
/// than a plugin takes to end of what it was answered, shorter than anybody minds.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// One request, on its way to an upstream.
pub(in crate::gateway) struct Approach {
    pub(super) account: Option<Account>,
    pub(super) task: TaskIndex,
    pub(super) clock: CallClock,
    pub(super) turn: Option<Turn>,
}

impl Approach {
    pub(in crate::gateway) fn new(ask: &OutboundRequest) -> Self {
        Self {
            account: None,
            task: ask.task,
            clock: ask.clock.clone(),
            turn: None,
        }
    }

    /// Notes whose credentials it is asked with.
    pub(in crate::gateway) fn to(&mut self, upstream: &str, service: &Service, ask: &OutboundRequest) {
        let shared = service.upstream.as_ref().is_some_and(|to| to.sends_secrets());
        // What nobody is known to share, each task may have of its own.
        self.account = (shared || ask.has_secrets).then(|| Account {
            upstream: upstream.into(),
            agent: ask.agent.clone(),
            instance: (!shared).then(|| ask.instance.clone()),
        });
    }

    /// How long it waits. Where the wait is charged, never to the deadline, so that
    /// some of the time is left for the answer.
    pub(super) fn patience(&self) -> Duration {
        match self.clock.is_stopped() {
            true => PATIENCE,
            false => PATIENCE.min(self.clock.left() / 2),
        }
    }
}
