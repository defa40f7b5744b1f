//! Whether a failed task runs again, and when.

mod advice;
mod give_up;
mod snapshot;
mod verdict;

pub use give_up::GiveUp;
pub use snapshot::{PastAttempt, Snapshot};
pub use verdict::{Decision, Verdict};

use super::bindings::retry::exports::fusebox::policy::retry as wire;

/// A retry policy.
///
/// Implement it for a unit type and name that type to
/// [`export_retry_policy!`](crate::export_retry_policy).
pub trait RetryPolicy {
    /// Decides about one failed attempt.
    ///
    /// # Errors
    /// [`GiveUp`]: the task fails for that reason, and the memory stays as it
    /// is. Any error in [`std::error::Error`] becomes one with `?`.
    fn decide(snapshot: &Snapshot) -> Result<Verdict, GiveUp>;
}

/// What a retry policy usually needs.
pub mod prelude {
    pub use super::{GiveUp, RetryPolicy, Snapshot, Verdict};
    pub use crate::export_retry_policy;
    pub use std::time::Duration;
}

#[doc(hidden)]
pub fn decide<P: RetryPolicy>(snapshot: wire::Snapshot) -> wire::Verdict {
    P::decide(&Snapshot::from(snapshot))
        .unwrap_or_else(Verdict::from)
        .into_wire()
}

/// Makes a type that implements [`RetryPolicy`](crate::policy::retry::RetryPolicy)
/// the retry policy that this component exports. Use it once, at the top level
/// of the crate.
#[macro_export]
macro_rules! export_retry_policy {
    ($policy:ty) => {
        $crate::__export_policy!(retry, $policy);
    };
}
