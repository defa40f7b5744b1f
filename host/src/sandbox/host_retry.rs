//! `fusebox:agent/retry`: inner operations under the host's retry policy.
//!
//! The policy is not offered to guests yet: each operation gives up with the
//! reason `not-offered`, so that what a plugin does with the answer is the same
//! code as later.

use wasmtime::component::Resource;

use super::state::State;
use super::stop::Stop;
use crate::bindings::{TaskError, retry};

/// One operation of a guest.
#[allow(unreachable_pub)] // the generated bindings export it
pub struct Operation;

impl retry::Host for State {}

impl retry::HostOperation for State {
    fn new(&mut self, name: String) -> wasmtime::Result<Resource<Operation>> {
        self.charge(name.len())?;
        let limit = u64::from(self.limits.handles);
        Ok(self.table.push(Operation).map_err(|_| Stop::Handles { limit })?)
    }

    fn failed(
        &mut self,
        operation: Resource<Operation>,
        error: TaskError,
    ) -> wasmtime::Result<retry::Verdict> {
        self.charge(error.message.len() + error.code.len())?;
        self.table.get(&operation)?;
        Ok(retry::Verdict::GiveUp(retry::Refusal {
            reason: "not-offered".into(),
            message: "this host does not retry inside an attempt; it retries the attempt as a whole".into(),
        }))
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
