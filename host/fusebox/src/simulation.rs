//! Policies tried without a session: what they would decide, and whether they
//! keep the rules.

mod check;
mod degrade;
mod simulate;

pub use check::Invariant;
pub(crate) use check::{check_breaker, check_degradation, check_isolation, check_retry};
pub(crate) use degrade::degrade;
pub use degrade::{Choice, DegradationScenario, DegradationStep};
pub(crate) use simulate::simulate;
pub use simulate::{Scenario, Step};
