//! What every kind of policy is told, in the words of the contract.

use std::time::Duration;

use crate::sandbox::bindings::wire;
use crate::sandbox::{category_to_wire, severity_to_wire};
use fusebox_types::failure::{Blame, Failure};

/// A failure that happened at a moment of the session.
pub(super) fn failure(failure: &Failure, at: Duration) -> wire::Failure {
    wire::Failure {
        code: failure.code.to_string(),
        category: category_to_wire(failure.category),
        severity: severity_to_wire(failure.severity),
        blame: match failure.blame {
            Blame::Guest => wire::Blame::Guest,
            Blame::Upstream => wire::Blame::Upstream,
            Blame::Input => wire::Blame::Input,
            Blame::Operator => wire::Blame::Operator,
            Blame::Host => wire::Blame::Host,
        },
        retryable: failure.retryable,
        retry_after_ms: failure.retry_after_ms,
        at_ms: millis(at),
    }
}

/// Whole milliseconds.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
