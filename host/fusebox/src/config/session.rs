//! How a session is run.

use serde::{Deserialize, Serialize};

use fusebox_resilience::BudgetRules;

/// The largest number of attempts in flight at once: the pool has no more
/// places.
pub const MAX_PARALLEL: u32 = 1000;

/// How a session is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SessionRules {
    /// Attempts in flight at once. Guests share the machine's cores; more than a
    /// few for each core only pays where guests wait, as most agents do.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_PARALLEL)))]
    pub max_parallel: u32,
    /// What the jitter of a session is drawn from: with the same seed the same
    /// failures are answered with the same waits. None by default: a seed is
    /// drawn for each session, and its report says which.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u64", extend("maximum" = u64::MAX)))]
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
