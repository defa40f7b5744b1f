//! Waiting without burning fuel.

use std::time::Duration;

use crate::bindings::wasi::clocks::monotonic_clock;

/// Waits. No fuel is burned and no core is held; the time is charged to the
/// attempt's deadline.
pub fn sleep(wait: Duration) {
    let nanoseconds = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
    monotonic_clock::subscribe_duration(nanoseconds).block();
}
