//! Whether an upstream's silence until the end of an attempt counts against it.

use std::time::Duration;

use fusebox_upstream::call::{CallFault, End, How, Whose};

/// What is known of an attempt when one of its requests ends.
///
/// A deadline alone says nothing of the upstream: it may have been near when the
/// request was sent, and what a guest can bring about must not count against what others
/// need. But an upstream that was given half of all the time that an attempt has, or as
/// much as its own rules give it to begin its answer, has had its time. No guest can bring
/// that about: the limit is the operator's, the host's own queues do not count, and it is
/// the host that waits and not the guest. Without it a service that hangs would count on
/// nobody's breaker wherever `first_byte` is longer than what is left of an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silence {
    /// The whole time of the attempt.
    pub(super) limit: Duration,
    /// What is left of it.
    pub(super) left: Duration,
    /// How long the upstream may take to begin its answer.
    pub(super) first_byte: Duration,
}

impl Silence {
    /// Whether an end that counts nowhere by itself counts against the upstream. The
    /// request and the attempt end in the same moment: either may be first, and then
    /// the request is dropped.
    pub(super) fn is_telling(self, end: &End) -> bool {
        let by_deadline = match &end.how {
            How::Dropped => self.left.is_zero(),
            How::Failed(CallFault::TimedOut { whose, .. }) => *whose == Whose::Attempt,
            How::Failed(_) | How::Complete => false,
        };
        by_deadline && end.silent_for >= self.first_byte.min(self.limit / 2)
    }
}

#[cfg(test)]
mod tests;
