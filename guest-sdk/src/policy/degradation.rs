//! What a task comes to when its retries have ended without a result.
//!
//! ```
#![doc = include_str!("../../examples/stopgap.rs")]
//! ```

mod snapshot;
mod verdict;

pub use snapshot::Snapshot;
pub use verdict::{Decision, Verdict};

use super::Undecided;
use super::bindings::degradation::exports::fusebox::policy::degradation as wire;

/// A degradation policy.
///
/// Implement it for a unit type and name that type to
/// [`export_degradation_policy!`](crate::export_degradation_policy).
pub trait DegradationPolicy {
    /// Decides about a task whose retries have ended.
    ///
    /// # Errors
    /// [`Undecided`]: the built-in policy decides, and it counts against this
    /// one. Any error in [`std::error::Error`] becomes one with `?`.
    fn decide(snapshot: &Snapshot) -> Result<Verdict, Undecided>;
}

/// What a degradation policy usually needs.
pub mod prelude {
    pub use super::{DegradationPolicy, Snapshot, Verdict};
    pub use crate::export_degradation_policy;
    pub use crate::policy::Undecided;
}

#[doc(hidden)]
pub fn decide<P: DegradationPolicy>(snapshot: wire::Snapshot) -> wire::Verdict {
    verdict::into_wire(P::decide(&Snapshot::from(snapshot)))
}

/// Makes a type that implements
/// [`DegradationPolicy`](crate::policy::degradation::DegradationPolicy) the
/// degradation policy that this component exports. Use it once, at the top
/// level of the crate.
#[macro_export]
macro_rules! export_degradation_policy {
    ($policy:ty) => {
        $crate::__export_policy!(degradation, $policy);
    };
}
