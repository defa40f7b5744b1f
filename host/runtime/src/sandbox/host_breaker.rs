//! `fusebox:agent/breaker`: breakers for services that the plugin names.

use std::time::Duration;

use wasmtime::component::Resource;

use super::state::State;
use super::stop::Stop;
use crate::breakers::{MAX_SERVICE_NAME, MOST_SERVICES, NoService, OwnedPermit};
use crate::sandbox::bindings::breaker;
use fusebox_resilience::breaker::{Outcome, State as BreakerState};

/// The right to make one call; none where calls are not counted.
#[allow(unreachable_pub)] // the generated bindings export it
pub struct Permit(Option<Call>);

/// A call to a service, as its breaker sees it.
struct Call {
    permit: OwnedPermit,
    /// The time that was charged to the attempt by then: what the host lets the call
    /// wait is not the service's.
    began: Duration,
}

impl breaker::Host for State {
    fn acquire(&mut self, service: String) -> wasmtime::Result<Result<Resource<Permit>, breaker::Refusal>> {
        self.learns().charge(service.len())?;
        let service = self.hidden(service);
        let permit = match self.outside.breakers.service(self.services.agent, &service) {
            Ok(breaker) => match OwnedPermit::acquire(breaker.clone(), self.services.rules) {
                Ok((permit, event)) => {
                    self.services.events.extend(event);
                    let began = self.meter.clock().charged_time();
                    Permit(Some(Call { permit, began }))
                }
                Err(refused) => return Ok(Err(refusal(refused.state, breaker.wait(&refused)))),
            },
            Err(NoService::NoSession) => Permit(None),
            Err(reason) => return Ok(Err(no_breaker(reason))),
        };
        let limit = u64::from(self.limits.handles);
        Ok(Ok(self
            .table
            .push(permit)
            .map_err(|_| Stop::Handles { limit })?))
    }

    fn current(&mut self, service: String) -> wasmtime::Result<breaker::State> {
        self.learns().charge(service.len())?;
        let service = self.hidden(service);
        let breaker = self.outside.breakers.service(self.services.agent, &service);
        Ok(breaker.map_or(breaker::State::Disabled, |breaker| {
            to_wire(breaker.state(&self.services.rules))
        }))
    }
}

impl breaker::HostPermit for State {
    fn finish(&mut self, permit: Resource<Permit>, outcome: breaker::Outcome) -> wasmtime::Result<()> {
        self.charge(0)?;
        let outcome = match outcome {
            breaker::Outcome::Success => Outcome::Success,
            breaker::Outcome::Failure => Outcome::Failure,
            breaker::Outcome::Cancelled => Outcome::Ignored,
        };
        let Permit(permit) = self.table.delete(permit)?;
        let (random, now) = (self.services.random, self.meter.clock().charged_time());
        let event = permit.and_then(|call| {
            let took = now.saturating_sub(call.began);
            call.permit.finish(outcome, took, random)
        });
        self.services.events.extend(event);
        Ok(())
    }

    fn drop(&mut self, permit: Resource<Permit>) -> wasmtime::Result<()> {
        self.table.delete(permit)?;
        Ok(())
    }
}

fn refusal(state: BreakerState, wait: Option<Duration>) -> breaker::Refusal {
    let reason = match state {
        BreakerState::HalfOpen => "probes",
        BreakerState::ForcedOpen => "forced-open",
        _ => "open",
    };
    breaker::Refusal {
        state: to_wire(state),
        retry_after_ms: wait.map(super::state::millis),
        reason: reason.into(),
    }
}

/// That a service has no breaker, so that calls to it cannot be counted.
fn no_breaker(reason: NoService) -> breaker::Refusal {
    let reason = match reason {
        NoService::TooMany => format!("too-many-services: an agent may name {MOST_SERVICES}"),
        _ => format!("bad-name: 1 to {MAX_SERVICE_NAME} bytes"),
    };
    breaker::Refusal {
        state: breaker::State::ForcedOpen,
        retry_after_ms: None,
        reason,
    }
}

fn to_wire(state: BreakerState) -> breaker::State {
    match state {
        BreakerState::Closed => breaker::State::Closed,
        BreakerState::Open => breaker::State::Open,
        BreakerState::HalfOpen => breaker::State::HalfOpen,
        BreakerState::ForcedOpen => breaker::State::ForcedOpen,
        BreakerState::Disabled => breaker::State::Disabled,
        BreakerState::MetricsOnly => breaker::State::MetricsOnly,
    }
}
