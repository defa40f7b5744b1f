//! Policies tried without a session: what they would decide, and whether they
//! keep the rules.

mod check;
mod simulate;

pub use check::Invariant;
pub(crate) use check::{check_breaker, check_isolation, check_retry};
pub(crate) use simulate::simulate;
pub use simulate::{Scenario, Step};
