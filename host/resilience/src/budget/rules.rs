//! How many retries are allowed together.

use fusebox_types::units::{Rate, rate};
use serde::{Deserialize, Serialize};

/// How many retries are allowed together: a share of the first attempts, and a
/// reserve. A total outage then costs a fifth more, and not three times as much.
/// A minute later both are forgotten, and no more than 50 retries are saved up,
/// so that a long calm does not pay for an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BudgetRules {
    /// Retries for each first attempt. A fifth: what Finagle and linkerd take.
    #[serde(with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Share", extend("x-least" = "0%", "x-most" = "1000%")))]
    pub share: Rate,
    /// Retries a minute besides that, so that a short session can try again at all.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1_000_000)))]
    pub reserve: u32,
}

impl Default for BudgetRules {
    fn default() -> Self {
        Self {
            share: Rate::percent(20),
            reserve: 100,
        }
    }
}
