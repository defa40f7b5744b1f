//! One request's place.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::gateway::UpstreamState;
use crate::gateway::failures::queue_stalled;
use fusebox_resilience::in_flight::{Outcome, Sent, Ticket};
use fusebox_types::failure::{Code, Failure};
use fusebox_upstream::call::{Count, End};

/// A place, or the wait for one, until it is dropped.
#[derive(Debug)]
pub(in crate::gateway) struct InFlightPermit {
    upstream_state: Arc<UpstreamState>,
    ticket: Option<Ticket>,
    /// Set once the request is sent.
    sent: Option<Sent>,
}

impl InFlightPermit {
    /// Waits for a place.
    ///
    /// # Errors
    /// If nobody is given one for a long time.
    pub(in crate::gateway) async fn take(
        upstream_state: Arc<UpstreamState>,
        agent: &Arc<str>,
    ) -> Result<Self, Failure> {
        let (waker, mut given) = oneshot::channel();
        let in_flight = &upstream_state.in_flight;
        let ticket = in_flight.change(|queue| queue.places.ask(agent, waker));
        let permit = Self {
            upstream_state,
            ticket: Some(ticket),
            sent: None,
        };
        let in_flight = &permit.upstream_state.in_flight;
        let since = Instant::now();
        let mut until = in_flight.stalls_at(since);
        while timeout_at(until, &mut given).await.is_err() {
            // Others were given one meanwhile.
            until = in_flight.stalls_at(since);
            if until <= Instant::now() {
                return Err(queue_stalled(&in_flight.upstream, in_flight.load()));
            }
        }
        Ok(permit)
    }

    /// The request is sent now.
    pub(in crate::gateway) fn sent(&mut self) {
        let sent = self.upstream_state.in_flight.change(|queue| {
            let in_use = queue.places.in_use();
            queue.limit.sent(in_use, queue.in_flight)
        });
        self.sent = Some(sent);
    }

    /// The request has ended.
    pub(in crate::gateway) fn ended(mut self, end: &End) {
        let Some(sent) = self.sent.take() else { return };
        self.upstream_state.in_flight.change(|queue| {
            if queue.is_adaptive {
                queue.limit.ended(sent, outcome(end), queue.in_flight);
            }
        });
    }
}

impl Drop for InFlightPermit {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.upstream_state
                .in_flight
                .change(|queue| queue.places.leave(ticket));
        }
    }
}

/// What the end of a request says of how many the upstream takes.
fn outcome(end: &End) -> Outcome {
    match (end.code(), end.latency) {
        (Some(Code::ApiThrottled | Code::ApiOverloaded), _) => Outcome::Refused,
        (_, Some(latency)) if end.count() == Count::Success => Outcome::Success { latency },
        _ => Outcome::Neutral,
    }
}
