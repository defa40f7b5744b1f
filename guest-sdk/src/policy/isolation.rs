//! Whether an instance leaves its pool for a while.
//!
//! ```
#![doc = include_str!("../../examples/bench.rs")]
//! ```

mod advice;
mod snapshot;
mod verdict;

pub use snapshot::{Health, Snapshot};
pub use verdict::{Decision, Verdict};

use super::Undecided;
use super::bindings::isolation::exports::fusebox::policy::isolation as wire;

/// An isolation policy.
///
/// Implement it for a unit type and name that type to
/// [`export_isolation_policy!`](crate::export_isolation_policy).
pub trait IsolationPolicy {
    /// Decides about an instance after a failure of it.
    ///
    /// # Errors
    /// [`Undecided`]: the built-in policy decides, and it counts against this
    /// one. Any error in [`std::error::Error`] becomes one with `?`.
    fn decide(snapshot: &Snapshot) -> Result<Verdict, Undecided>;
}

/// What an isolation policy usually needs.
pub mod prelude {
    pub use super::{Health, IsolationPolicy, Snapshot, Verdict};
    pub use crate::export_isolation_policy;
    pub use crate::policy::Undecided;
    pub use std::time::Duration;
}

#[doc(hidden)]
pub fn decide<P: IsolationPolicy>(snapshot: wire::Snapshot) -> wire::Verdict {
    verdict::into_wire(P::decide(&Snapshot::from(snapshot)))
}

/// Makes a type that implements
/// [`IsolationPolicy`](crate::policy::isolation::IsolationPolicy) the isolation
/// policy that this component exports. Use it once, at the top level of the
/// crate.
#[macro_export]
macro_rules! export_isolation_policy {
    ($policy:ty) => {
        $crate::__export_policy!(isolation, $policy);
    };
}
