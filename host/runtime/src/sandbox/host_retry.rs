//! `fusebox:agent/retry`: inner operations under the host's retry policy.

use std::time::Duration;

use tokio::time::Instant;
use wasmtime::component::Resource;

use super::account::pairs_cost;
use super::attribute::attribute;
use super::classify::guest_error;
use super::state::State;
use super::stop::Stop;
use crate::gateway::Witness;
use crate::sandbox::bindings::{TaskError, retry};
use fusebox_resilience::{GiveUp, Verdict};
use fusebox_types::failure::Failure;

/// One operation of a guest.
#[allow(unreachable_pub)] // the generated bindings export it
pub struct Operation {
    name: String,
    started: Instant,
    /// The number of the try that is under way, from 1.
    number: u32,
    /// The wait before it.
    delay: Duration,
}

impl retry::Host for State {}

impl retry::HostOperation for State {
    fn new(&mut self, name: String) -> wasmtime::Result<Resource<Operation>> {
        self.charge(name.len())?;
        let limit = u64::from(self.limits.handles);
        let operation = Operation {
            name: self.hidden(name),
            started: Instant::now(),
            number: 1,
            delay: Duration::ZERO,
        };
        Ok(self.table.push(operation).map_err(|_| Stop::Handles { limit })?)
    }

    /// Waits as the policy says. Whoever runs the attempt ends the wait at the
    /// deadline and on cancellation.
    async fn failed(
        &mut self,
        operation: Resource<Operation>,
        error: TaskError,
    ) -> wasmtime::Result<retry::Verdict> {
        self.charge(error.message.len() + error.code.len() + pairs_cost(&error.context))?;
        let failure = self.as_seen(guest_error(self.hidden(error)));
        let running = self.table.get_mut(&operation)?;
        let now = Instant::now();
        let times = (
            running.delay,
            now.duration_since(running.started),
            self.deadline.saturating_duration_since(now),
        );
        let budget = (&self.outside.budget, self.outside.circuits.now());
        match self.retries.decide(&failure, times, budget) {
            Verdict::Again(wait) => {
                running.number = running.number.saturating_add(1);
                running.delay = wait;
                let number = running.number;
                tracing::debug!("operation {}: {failure}; try {number} in {wait:?}", running.name);
                tokio::time::sleep(wait).await;
                Ok(retry::Verdict::Again(number))
            }
            Verdict::GiveUp(reason) => Ok(retry::Verdict::GiveUp(refusal(reason))),
        }
    }

    fn succeeded(&mut self, operation: Resource<Operation>) -> wasmtime::Result<()> {
        self.charge(0)?;
        self.table.get(&operation)?;
        Ok(())
    }

    fn drop(&mut self, operation: Resource<Operation>) -> wasmtime::Result<()> {
        self.table.delete(operation)?;
        Ok(())
    }
}

impl State {
    /// What the host saw, if an operation of the guest's failed with it. Whether
    /// it is tried again inside the attempt stays the guest's to ask for.
    fn as_seen(&self, failure: Failure) -> Failure {
        let said = failure.retryable;
        let seen = self.witness.as_ref().map(Witness::seen);
        let failure = attribute(failure, true, &seen.unwrap_or_default());
        Failure {
            retryable: said.filter(|said| !said).or(failure.retryable),
            ..failure
        }
    }
}

fn refusal(reason: GiveUp) -> retry::Refusal {
    let message = match reason {
        GiveUp::NonRetryable => "trying again cannot help",
        GiveUp::Attempts => "the task has had all its tries, those of earlier attempts included",
        GiveUp::Budget => "the agent has no retries left for now",
        GiveUp::Elapsed => "the time for tries is over",
        GiveUp::Deadline => "the wait would reach the attempt's deadline",
        _ => "the host does not want another try",
    };
    retry::Refusal {
        reason: reason.name().into(),
        message: message.into(),
    }
}
