//! Other values for some failures.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Jitter, RetryRules, Strategy, optional_span};
use fusebox_types::failure::{Category, Failure};

/// Other values for the failures that fit. They hold as they are: over those of
/// the section, and over what `smart` would pick. What a rule leaves out is as
/// without it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetryRule {
    /// Which failures: a category, a code, or both.
    pub when: RetryWhen,
    /// Whether they are never tried again. Not by default: a rule says how. No
    /// rule has something tried again that cannot be helped.
    #[serde(default)]
    pub never: bool,
    /// How the wait grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Strategy"))]
    pub strategy: Option<Strategy>,
    /// How the wait is spread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Jitter"))]
    pub jitter: Option<Jitter>,
    /// The wait before the second attempt.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "0ms", "x-most" = "1h")))]
    pub base: Option<Duration>,
    /// The factor by which an exponential wait grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u32", range(min = 1, max = 10)))]
    pub growth: Option<u32>,
    /// Attempts in all, the first included: the cap by count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u32", range(min = 1, max = 1000)))]
    pub max_attempts: Option<u32>,
    /// The longest wait that is chosen here, jitter included. What a service asks
    /// for is kept all the same.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "0ms", "x-most" = "24h")))]
    pub max_delay: Option<Duration>,
    /// Time from a task's first attempt after which nothing more is tried: the
    /// cap by time.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_span")]
    #[cfg_attr(feature = "schema", schemars(with = "fusebox_types::units::Span", extend("x-least" = "1ms", "x-most" = "720h")))]
    pub max_elapsed: Option<Duration>,
}

/// Conditions on a failure; all that are there have to hold, and one is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(extend(
    "minProperties" = 1,
    "x-expected" = "a condition: `category`, `code` or both; without any it would take every failure"
)))]
pub struct RetryWhen {
    /// The failure's category, or several of which it has one.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "super::category::one_or_more"
    )]
    #[cfg_attr(feature = "schema", schemars(schema_with = "super::category::schema"))]
    pub category: Vec<Category>,
    /// The failure's code, or how it begins with `*` at the end. A plugin's own
    /// codes begin with `guest.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = r"^[^*\s]+\*?$"), extend("x-expected" = CODE)))]
    pub code: Option<CodePattern>,
}

#[cfg(feature = "schema")]
const CODE: &str = "a code such as `limit.deadline`, or its beginning and `*`, such as `guest.quota.*`";

/// A code, or with `*` at its end all codes that begin so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodePattern(String);

impl CodePattern {
    /// A pattern as it is written.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether a code, as it is shown, is meant.
    pub fn fits(&self, code: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(beginning) => code.starts_with(beginning),
            None => code == self.0,
        }
    }

    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RetryWhen {
    /// Whether all conditions hold.
    pub fn fits(&self, failure: &Failure) -> bool {
        let category = self.category.is_empty() || self.category.contains(&failure.category);
        let code = |pattern: &CodePattern| pattern.fits(&failure.code.to_string());
        category && self.code.as_ref().is_none_or(code)
    }
}

impl RetryRule {
    /// Values with those that this rule sets over them.
    pub fn over(&self, values: RetryRules) -> RetryRules {
        RetryRules {
            strategy: self.strategy.unwrap_or(values.strategy),
            jitter: self.jitter.unwrap_or(values.jitter),
            base: self.base.unwrap_or(values.base),
            growth: self.growth.unwrap_or(values.growth),
            max_attempts: self.max_attempts.unwrap_or(values.max_attempts),
            max_delay: self.max_delay.unwrap_or(values.max_delay),
            max_elapsed: self.max_elapsed.unwrap_or(values.max_elapsed),
            rules: values.rules,
        }
    }

    /// Whether it sets any value.
    pub fn sets_something(&self) -> bool {
        let blank = Self {
            when: self.when.clone(),
            never: self.never,
            ..Self::default()
        };
        *self != blank
    }
}
