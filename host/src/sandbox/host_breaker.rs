//! `fusebox:agent/breaker`: circuits for services that the plugin names.
//!
//! There are no circuits for guests yet: every service is `disabled`, so calls
//! pass and are not counted.

use wasmtime::component::Resource;

use super::state::State;
use super::stop::Stop;
use crate::bindings::breaker;

/// The right to make one call.
#[allow(unreachable_pub)] // the generated bindings export it
pub struct Permit;

impl breaker::Host for State {
    fn acquire(&mut self, service: String) -> wasmtime::Result<Result<Resource<Permit>, breaker::Refusal>> {
        self.charge(service.len())?;
        let limit = u64::from(self.limits.handles);
        Ok(Ok(self
            .table
            .push(Permit)
            .map_err(|_| Stop::Handles { limit })?))
    }

    fn current(&mut self, service: String) -> wasmtime::Result<breaker::State> {
        self.charge(service.len())?;
        Ok(breaker::State::Disabled)
    }
}

impl breaker::HostPermit for State {
    fn finish(&mut self, permit: Resource<Permit>, _outcome: breaker::Outcome) -> wasmtime::Result<()> {
        self.charge(0)?;
        self.table.delete(permit)?;
        Ok(())
    }

    fn drop(&mut self, permit: Resource<Permit>) -> wasmtime::Result<()> {
        self.table.delete(permit)?;
        Ok(())
    }
}
