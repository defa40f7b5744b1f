//! The right to make a call, and the refusal of it.

use std::time::Duration;

use super::state::State;
use super::view::Transition;

/// The right to make one call. Hand it back with [`super::Breaker::finish`],
/// whatever the call came to. One that is lost costs nothing, but a probe's
/// place stays taken until its lease ends.
#[must_use = "hand it back with `finish`"]
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(Clone))]
pub struct Permit {
    /// The generation that granted it.
    pub(super) generation: u64,
    /// The lease of a probe; none for an ordinary call.
    pub(super) lease: Option<u64>,
}

impl Permit {
    /// Whether the call is a probe of a half-open breaker.
    pub const fn is_probe(&self) -> bool {
        self.lease.is_some()
    }

    /// The generation that granted it.
    pub const fn generation(&self) -> u64 {
        self.generation
    }
}

/// A permit, and what granting it changed.
#[must_use = "it holds a permit"]
#[derive(Debug)]
pub struct Grant {
    /// The permit.
    pub permit: Permit,
    /// The change from open to half-open, if this call is the first probe.
    pub transition: Option<Transition>,
}

/// Why a call may not be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The state that refuses: open, half-open (all probes are under way) or
    /// forced-open.
    pub state: State,
    /// When to ask again, on the clock of the caller. Open: when the wait is
    /// over. Half-open: when a lease ends, and so at the latest; a probe that
    /// ends earlier makes room earlier. Forced-open: nobody knows.
    pub until: Option<Duration>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it was asked.
    Success,
    /// It failed.
    Failure,
    /// Nothing was learned: it was cancelled, or the failure is not the
    /// breaker's to count. The permit is given back and counts nowhere.
    Ignored,
}
