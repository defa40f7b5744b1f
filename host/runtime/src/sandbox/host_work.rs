//! What the host does on what a plugin said: on the plugin's time, in its
//! memory, and charged to it.

use std::sync::Arc;

use super::bounds::Bounds;
use super::meter::Meter;
use super::pace::Pace;
use super::state::SessionContext;
use crate::sandbox::Limits;
use fusebox_types::failure::Failure;
use fusebox_types::{TaskIndex, Usage};

/// The least memory that such work is given, in bytes, however little its guest
/// may have: what a few patterns of a schema need.
const LEAST_MEMORY: u64 = 16 << 20;

/// Work for one attempt, under its limits. What is left of the attempt's time is
/// what the work has.
#[derive(Debug)]
pub struct HostWork<'a> {
    limits: &'a Limits,
    outside: &'a Arc<SessionContext>,
    task: TaskIndex,
    meter: Meter,
    /// What its guest used, if one ran.
    fuel: u64,
    memory_peak: u64,
}

impl<'a> HostWork<'a> {
    /// For a plugin of which nothing runs: it has all its time.
    pub fn new(limits: &'a Limits, outside: &'a Arc<SessionContext>, task: TaskIndex) -> Self {
        Self {
            limits,
            outside,
            task,
            meter: Meter::start(limits.deadline),
            fuel: 0,
            memory_peak: 0,
        }
    }

    /// The same after its guest has ended, which used this much.
    pub(super) fn after(self, fuel: u64, memory_peak: u64) -> Self {
        Self {
            fuel,
            memory_peak,
            ..self
        }
    }

    /// What the attempt has used until now.
    pub fn usage(&self) -> Usage {
        let clock = self.meter.clock();
        Usage {
            fuel: self.fuel,
            memory_peak: self.memory_peak,
            cpu: self.meter.used(),
            wall: clock.wall(),
            queued: clock.stopped(),
        }
    }

    /// Does some work, which asks its pace whether it may go on.
    ///
    /// # Errors
    /// Why it was given up while it waited.
    pub async fn on<T>(&self, work: impl AsyncFnOnce(&mut Pace<'_>) -> T) -> Result<T, Failure> {
        let bounds = self.bounds();
        let may_go_on = || bounds.may_go_on();
        let mut pace = Pace::new(&may_go_on, self.limits.memory.max(LEAST_MEMORY));
        bounds.within(work(&mut pace)).await
    }

    pub(super) fn bounds(&self) -> Bounds<'_> {
        Bounds {
            limits: self.limits,
            meter: &self.meter,
            outside: self.outside,
            task: self.task,
        }
    }

    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }
}
