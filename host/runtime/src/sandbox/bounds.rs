//! What ends an attempt from outside, whether its guest runs or the host works
//! on what the guest said: its time, its processor time, cancellation.

use super::meter::Meter;
use super::state::{SessionContext, millis};
use super::stop::Stop;
use crate::sandbox::Limits;
use fusebox_types::TaskIndex;
use fusebox_types::failure::{Code, Failure};

/// The bounds of one attempt.
pub(super) struct Bounds<'a> {
    pub(super) limits: &'a Limits,
    pub(super) meter: &'a Meter,
    pub(super) outside: &'a SessionContext,
    pub(super) task: TaskIndex,
}

impl Bounds<'_> {
    /// Whether the work that is under way may go on; asked from inside of it.
    pub(super) fn may_go_on(&self) -> Result<(), Stop> {
        if self.outside.cancel.is_cancelled(self.task) {
            return Err(Stop::Cancelled);
        }
        let used = self.meter.used_so_far();
        if used > self.limits.cpu {
            return Err(Stop::Cpu {
                used: millis(used),
                limit: millis(self.limits.cpu),
            });
        }
        if self.meter.clock().is_over() {
            return Err(self.late());
        }
        Ok(())
    }

    /// The work, timed, and given up at the deadline or on cancellation while it
    /// waits. While it spins, [`Bounds::may_go_on`] stops it.
    ///
    /// # Errors
    /// Why it was given up; or a panic of the host's own code.
    pub(super) async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let done = tokio::select! {
            biased;
            done = self.meter.time(work) => done,
            () = self.meter.clock().over() => return Err(self.late().into()),
            () = self.outside.cancel.cancelled(self.task) => return Err(Stop::Cancelled.into()),
        };
        done.map_err(|panic| Failure::new(Code::HostPanic, panic_message(&*panic)))
    }

    fn late(&self) -> Stop {
        Stop::Deadline {
            limit: millis(self.limits.deadline),
        }
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}

#[cfg(test)]
mod tests;
