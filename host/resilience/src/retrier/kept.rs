//! The operations that can be asked about, by name.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::call::{Call, RetryError};
use super::status::RetryStatus;

/// How many operations that are over are kept; the oldest is forgotten first.
pub const FINISHED_KEPT: usize = 1000;

/// All that are under way, and some that are over.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Operations>);

#[derive(Debug, Default)]
struct Operations {
    by_name: HashMap<String, Operation>,
    /// Those that are over, by name and serial number, the oldest first.
    finished: VecDeque<(String, u32)>,
    begun: u32,
}

#[derive(Debug)]
struct Operation {
    status: RetryStatus,
    cancel: CancellationToken,
}

impl Kept {
    /// Takes in an operation; `make` is told its serial number.
    pub(super) fn begin(
        &self,
        call: Call,
        make: impl FnOnce(Call, u32) -> RetryStatus,
    ) -> Result<(RetryStatus, CancellationToken), RetryError> {
        let mut operations = self.lock();
        if let Some(known) = operations.by_name.get(&call.name)
            && known.status.end.is_none()
        {
            return Err(RetryError::UnderWay(call.name));
        }
        let serial = operations.begun;
        operations.begun = serial.wrapping_add(1);
        let (status, cancel) = (make(call, serial), CancellationToken::new());
        let operation = Operation {
            status: status.clone(),
            cancel: cancel.clone(),
        };
        operations.by_name.insert(status.name.clone(), operation);
        Ok((status, cancel))
    }

    /// Takes note of how an operation is now.
    pub(super) fn note(&self, status: &RetryStatus) {
        let mut operations = self.lock();
        if let Some(operation) = operations.by_name.get_mut(&status.name) {
            operation.status = status.clone();
        }
        if status.end.is_some() {
            operations.finish(status);
        }
    }

    pub(super) fn status(&self, name: &str) -> Option<RetryStatus> {
        self.lock().by_name.get(name).map(|known| known.status.clone())
    }

    pub(super) fn cancel(&self, name: &str) -> bool {
        match self.lock().by_name.get(name) {
            Some(known) if known.status.end.is_none() => {
                known.cancel.cancel();
                true
            }
            _ => false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Operations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Operations {
    /// Puts one among those that are over, and forgets the oldest of them if
    /// they are too many. One whose name is in use again is gone already.
    fn finish(&mut self, status: &RetryStatus) {
        self.finished.push_back((status.name.clone(), status.serial));
        if self.finished.len() <= FINISHED_KEPT {
            return;
        }
        let Some((name, serial)) = self.finished.pop_front() else {
            return;
        };
        if self
            .by_name
            .get(&name)
            .is_some_and(|known| known.status.serial == serial)
        {
            self.by_name.remove(&name);
        }
    }
}
