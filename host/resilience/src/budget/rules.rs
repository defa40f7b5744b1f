//! How many retries are allowed together.

use fusebox_types::units::{Rate, rate};
use serde::{Deserialize, Serialize};

/// How many retries are allowed together: a share of the first attempts, and a
/// reserve. A total outage then costs three tenths more, and not four times as
/// much. A minute later both are forgotten, and no more than 50 retries are saved
/// up, so that a long calm does not pay for an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BudgetRules {
    /// Retries for each first attempt. Where a fifth of all attempts fail by
    /// chance, a quarter is needed.
    #[serde(with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Share", extend("x-least" = "0%", "x-most" = "1000%")))]
    pub share: Rate,
    /// Retries for each first attempt after attempts that sent nothing to an
    /// upstream. Nobody outside pays for those, so each agent has its own.
    #[serde(with = "rate")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Share", extend("x-least" = "0%", "x-most" = "1000%")))]
    pub unsent_share: Rate,
    /// Retries a minute besides that, so that a short session can try again at all.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1_000_000)))]
    pub reserve: u32,
}

impl BudgetRules {
    /// No retry at all.
    pub const NONE: Self = Self {
        share: Rate(0),
        unsent_share: Rate(0),
        reserve: 0,
    };
}

impl Default for BudgetRules {
    fn default() -> Self {
        Self {
            share: Rate::percent(30),
            unsent_share: Rate::WHOLE,
            reserve: 10,
        }
    }
}
