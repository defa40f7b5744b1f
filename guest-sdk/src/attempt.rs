//! This attempt: its number, its deadline, the failure before it.

use std::time::Duration;

use crate::bindings::fusebox::agent::attempt as host;

/// The number of this attempt, from 1.
pub fn number() -> u32 {
    host::get().number
}

/// How many attempts the host's policy allows at most.
pub fn maximum() -> u32 {
    host::get().maximum
}

/// Whether something that the task depends on is missing, so that a lesser
/// result is welcome.
pub fn is_degraded() -> bool {
    host::get().mode == host::Mode::Degraded
}

/// The code and the message of the failure before this attempt.
pub fn previous_failure() -> Option<(String, String)> {
    host::get().previous.map(|e| (e.code, e.message))
}

/// What is left until the attempt's deadline.
pub fn remaining() -> Duration {
    Duration::from_millis(host::remaining_ms())
}

/// Whether the operator has cancelled the task.
pub fn is_cancelled() -> bool {
    host::is_cancelled()
}
