//! What changes in a pool, as it is told.

use std::time::Duration;

use super::cause::{Reason, Release};
use super::view::Quarantined;
use fusebox_types::InstanceId;

/// Something that changed for an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The instance.
    pub instance: InstanceId,
    /// When, on the caller's clock.
    pub at: Duration,
    /// What.
    pub kind: Kind,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It left its pool, or stays out of it after a probe.
    Quarantined(Box<Quarantined>),
    /// It would have left, but the pool needs it. Said once, until it succeeds.
    Held {
        /// Why it would have.
        reason: Reason,
        /// How many are out.
        quarantined: usize,
        /// How many may be.
        allowed: usize,
    },
    /// It is back.
    Released {
        /// Why.
        why: Release,
        /// How long it was out.
        lasted: Duration,
        /// The quarantines that are remembered against it.
        times: u32,
    },
}
