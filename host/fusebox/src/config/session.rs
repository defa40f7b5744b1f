//! How a session is run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use fusebox_types::units::{Rate, Share, rate};

/// The largest number of attempts in flight at once: the pool has no more
/// places.
pub(crate) const MAX_PARALLEL: u32 = 1000;

/// How a session is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SessionRules {
    /// Attempts in flight at once. Guests share the machine's cores; more than a
    /// few for each core only pays where guests wait, as most agents do.
    #[schemars(range(min = 1, max = MAX_PARALLEL))]
    pub max_parallel: u32,
    /// What the jitter of a session is drawn from: with the same seed the same
    /// failures are answered with the same waits. None by default: a seed is
    /// drawn for each session, and its report says which.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64", extend("maximum" = u64::MAX))]
    pub seed: Option<u64>,
    /// How many retries the tasks of a session may take together.
    pub retry_budget: BudgetRules,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self {
            max_parallel: 64,
            seed: None,
            retry_budget: BudgetRules::default(),
        }
    }
}

/// How many retries are allowed together: a share of the first attempts, and a
/// reserve. A total outage then costs a fifth more, and not three times as much.
/// A minute later both are forgotten, and no more than 50 retries are saved up,
/// so that a long calm does not pay for an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetRules {
    /// Retries for each first attempt. A fifth: what Finagle and linkerd take.
    #[serde(with = "rate")]
    #[schemars(with = "Share", extend("x-least" = "0%", "x-most" = "1000%"))]
    pub share: Rate,
    /// Retries a minute besides that, so that a short session can try again at all.
    #[schemars(range(min = 0, max = 1_000_000))]
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
