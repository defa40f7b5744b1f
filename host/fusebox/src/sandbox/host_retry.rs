//! `fusebox:agent/retry`: inner operations under the host's retry policy.

use tokio::time::Instant;
use wasmtime::component::Resource;

use super::account::pairs_cost;
use super::attribute::attribute;
use super::classify::guest_error;
use super::inner_retries::Failed;
use super::state::State;
use super::stop::Stop;
use crate::gateway::{Seen, Witness};
use crate::sandbox::bindings::{TaskError, retry};
use fusebox_resilience::{GiveUp, RetryState, Verdict};
use fusebox_types::failure::Failure;

/// One operation of a guest.
#[allow(unreachable_pub)] // the generated bindings export it
pub struct Operation {
    name: String,
    /// The number of the try that is under way, from 1.
    number: u32,
    /// The same with all other tries of the task.
    state: RetryState,
}

impl retry::Host for State {}

impl retry::HostOperation for State {
    fn new(&mut self, name: String) -> wasmtime::Result<Resource<Operation>> {
        self.charge(name.len())?;
        let limit = u64::from(self.limits.handles);
        let operation = Operation {
            name: self.hidden(name),
            number: 1,
            state: RetryState::begun(self.outside.circuits.now()),
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
        let seen = self.witness.as_ref().map(Witness::seen).unwrap_or_default();
        let failure = as_seen(guest_error(self.hidden(error)), &seen);
        let running = self.table.get_mut(&operation)?;
        let failed = Failed {
            failure: &failure,
            upstream: seen.upstream.as_deref(),
            remaining: self.deadline.saturating_duration_since(Instant::now()),
        };
        match self.retries.after(&mut running.state, failed, &self.outside) {
            Verdict::Again(wait) => {
                running.number = running.number.saturating_add(1);
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

/// What the host saw, if an operation of the guest's failed with it. Whether
/// it is tried again inside the attempt stays the guest's to ask for.
fn as_seen(failure: Failure, seen: &Seen) -> Failure {
    let said = failure.retryable;
    let failure = attribute(failure, true, seen);
    Failure {
        retryable: said.filter(|said| !said).or(failure.retryable),
        ..failure
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
