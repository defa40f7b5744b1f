//! Whether, how often and how late a failed task runs again.

mod category;
mod optional_span;
mod rule;

pub use rule::{CodePattern, RetryRule, RetryWhen};

use std::time::Duration;

use serde::{Deserialize, Serialize};

use fusebox_types::failure::Failure;
use fusebox_types::units::span;

/// Whether, how often and how late a failed task runs again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RetryRules {
    /// How the wait grows from one attempt to the next. `smart` looks at what
    /// went wrong: a throttled service needs a longer pause than a network that
    /// blinked.
    pub strategy: Strategy,
    /// How the wait is spread, so that tasks that failed together do not come
    /// back together.
    pub jitter: Jitter,
    /// The wait before the second attempt. Most faults that pass by themselves
    /// are over by then.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "0ms", "x-most" = "1h")))]
    pub base: Duration,
    /// The factor by which an exponential wait grows. Doubling is what most
    /// services expect.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10)))]
    pub growth: u32,
    /// Attempts in all, the first included. Where a fifth of all attempts fail by
    /// chance, four lose one task of 600, and three lose one of 125.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000)))]
    pub max_attempts: u32,
    /// The longest wait that is chosen here, jitter included. A longer one that a
    /// service asks for (`Retry-After`) is kept.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "0ms", "x-most" = "24h")))]
    pub max_delay: Duration,
    /// Time from a task's first attempt after which nothing more is tried. The
    /// last wait before it is cut to what remains. A task whose service asks for
    /// more than what remains ends at once.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "720h")))]
    pub max_elapsed: Duration,
    /// Other values for some failures, by category or code; the first rule that
    /// fits holds. None by default: `smart` tells the common failures apart.
    #[cfg_attr(feature = "schema", schemars(extend("maxItems" = 100, "x-expected" = "a list of at most 100 rules")))]
    pub rules: Vec<RetryRule>,
}

impl RetryRules {
    /// The rule for a failure: the first that fits.
    pub fn rule_for(&self, failure: &Failure) -> Option<&RetryRule> {
        self.rules.iter().find(|rule| rule.when.fits(failure))
    }

    /// The section's own values, without its rules.
    pub fn values(&self) -> Self {
        Self {
            rules: Vec::new(),
            ..*self
        }
    }

    /// The most attempts that there can be, whatever the failures.
    pub fn most_attempts(&self) -> u32 {
        let of_rules = self.rules.iter().filter_map(|rule| rule.max_attempts);
        of_rules.fold(self.max_attempts, u32::max)
    }
}

impl Default for RetryRules {
    fn default() -> Self {
        Self {
            strategy: Strategy::Smart,
            jitter: Jitter::Full,
            base: Duration::from_millis(100),
            growth: 2,
            max_attempts: 4,
            max_delay: Duration::from_secs(30),
            max_elapsed: Duration::from_secs(600),
            rules: Vec::new(),
        }
    }
}

/// How a wait grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// By what went wrong.
    #[default]
    Smart,
    /// Not at all.
    Fixed,
    /// By the base each time.
    Linear,
    /// By the factor `growth` each time.
    Exponential,
    /// Drawn from between the base and three times the wait before.
    Decorrelated,
}

/// How a wait is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Jitter {
    /// Not at all.
    None,
    /// Evenly from zero up to the wait.
    #[default]
    Full,
    /// Evenly over the upper half of the wait.
    Equal,
}
