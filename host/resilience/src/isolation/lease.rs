//! The right to use an instance for one attempt.

use std::time::Duration;

use fusebox_types::InstanceId;

/// An instance while it carries out an attempt. Hand it back with
/// [`super::Pool::record`], whatever the attempt came to: one that is lost stays
/// in the count of what is in flight.
#[must_use = "hand it back with `record`"]
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(Clone))]
pub struct Lease {
    pub(super) instance: InstanceId,
    /// The generation of the instance that granted it.
    pub(super) generation: u64,
    /// The number of a probe; none for an ordinary attempt.
    pub(super) probe: Option<u64>,
}

impl Lease {
    /// The instance.
    pub const fn instance(&self) -> InstanceId {
        self.instance
    }

    /// Whether the attempt is the probe that decides about a quarantine.
    pub const fn is_probe(&self) -> bool {
        self.probe.is_some()
    }
}

/// An instance that was chosen.
#[must_use = "it holds a lease"]
#[derive(Debug)]
pub struct Choice {
    /// The instance, and the right to use it.
    pub lease: Lease,
    /// Whether less than half of the pool is healthy.
    pub degraded: bool,
}

/// The one probe that is under way for an instance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Probe {
    pub(super) number: u64,
    pub(super) granted: Duration,
}

impl Probe {
    /// Whether it still counts at `at`. It ends at elapsed >= its time.
    pub(super) fn holds(self, lease: Duration, at: Duration) -> bool {
        at.saturating_sub(self.granted) < lease
    }
}
