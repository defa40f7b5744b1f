//! Whether a breaker opens, stays as it is or closes.
//!
//! ```
#![doc = include_str!("../../examples/fuse.rs")]
//! ```
//!
//! It is asked when a call has ended, never before one: a breaker that is open
//! becomes half-open by itself when its time is over.

mod advice;
mod snapshot;
mod verdict;

pub use super::bindings::breaker::exports::fusebox::policy::breaker::State;
pub use snapshot::{Counts, Snapshot};
pub use verdict::{Decision, Verdict};

use super::Undecided;
use super::bindings::breaker::exports::fusebox::policy::breaker as wire;

/// A breaker policy.
///
/// Implement it for a unit type and name that type to
/// [`export_breaker_policy!`](crate::export_breaker_policy).
pub trait BreakerPolicy {
    /// Decides about a breaker after a call that ended.
    ///
    /// # Errors
    /// [`Undecided`]: the built-in policy decides, and it counts against this
    /// one. Any error in [`std::error::Error`] becomes one with `?`.
    fn decide(snapshot: &Snapshot) -> Result<Verdict, Undecided>;
}

/// What a breaker policy usually needs.
pub mod prelude {
    pub use super::{BreakerPolicy, Snapshot, State, Verdict};
    pub use crate::export_breaker_policy;
    pub use crate::policy::Undecided;
    pub use std::time::Duration;
}

#[doc(hidden)]
pub fn decide<P: BreakerPolicy>(snapshot: wire::Snapshot) -> wire::Verdict {
    verdict::into_wire(P::decide(&Snapshot::from(snapshot)))
}

/// Makes a type that implements
/// [`BreakerPolicy`](crate::policy::breaker::BreakerPolicy) the breaker policy
/// that this component exports. Use it once, at the top level of the crate.
#[macro_export]
macro_rules! export_breaker_policy {
    ($policy:ty) => {
        $crate::__export_policy!(breaker, $policy);
    };
}
