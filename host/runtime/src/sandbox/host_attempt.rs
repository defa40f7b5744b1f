//! `fusebox:agent/attempt`: what a plugin can know of its attempt.

use super::state::{Mode, State, millis};
use crate::sandbox::bindings::{TaskError, attempt, types};
use fusebox_types::failure::{Category, Failure, Severity};

impl attempt::Host for State {
    fn get(&mut self) -> wasmtime::Result<attempt::Info> {
        self.learns().charge(0)?;
        let about = &self.context;
        Ok(attempt::Info {
            number: about.number,
            maximum: about.maximum,
            mode: match about.mode {
                Mode::Normal => attempt::Mode::Normal,
                Mode::Degraded => attempt::Mode::Degraded,
            },
            previous: about.previous.as_deref().map(to_wire),
        })
    }

    fn remaining_ms(&mut self) -> wasmtime::Result<u64> {
        self.learns().charge(0)?;
        Ok(millis(self.meter.clock().left()))
    }

    fn is_cancelled(&mut self) -> wasmtime::Result<bool> {
        self.learns().charge(0)?;
        Ok(self.outside.cancel.is_cancelled(self.task))
    }

    fn idempotency_key(&mut self, method: String, url: String) -> wasmtime::Result<Option<String>> {
        self.charge(method.len() + url.len())?;
        let (Some(keys), Ok(method), Ok(uri)) = (&self.keys, method.parse(), url.parse()) else {
            return Ok(None);
        };
        let who = (&*self.identity.agent, &*self.identity.upstreams);
        Ok(self.outside.gateway.next_key(keys, who, &method, &uri))
    }
}

impl types::Host for State {}

/// A failure as the contract writes it.
fn to_wire(failure: &Failure) -> TaskError {
    TaskError {
        category: category_to_wire(failure.category),
        code: failure.code.to_string(),
        message: failure.message.clone(),
        severity: Some(severity_to_wire(failure.severity)),
        retryable: failure.retryable,
        retry_after_ms: failure.retry_after_ms,
        context: failure.context.clone(),
    }
}

/// Two enums with the same cases, turned into each other both ways.
macro_rules! same_cases {
    ($to_wire:ident, $from_wire:ident, $ours:ident, $($case:ident),*) => {
        /// The same in the words of the contract.
        pub fn $to_wire(ours: $ours) -> types::$ours {
            match ours { $($ours::$case => types::$ours::$case),* }
        }

        pub(super) fn $from_wire(wire: types::$ours) -> $ours {
            match wire { $(types::$ours::$case => $ours::$case),* }
        }
    };
}

same_cases!(
    category_to_wire,
    category_from_wire,
    Category,
    Network,
    ApiLimit,
    InstanceFailure,
    CanvasCorruption,
    MemoryOverflow,
    Timeout,
    Validation,
    System
);
same_cases!(
    severity_to_wire,
    severity_from_wire,
    Severity,
    Low,
    Medium,
    High,
    Critical
);
