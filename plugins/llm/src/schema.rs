//! What an answer in JSON has to satisfy: a part of JSON Schema.
//!
//! The part that the checked output of a model needs, in a few kilobytes. A
//! complete validator brings regular expressions, addresses and dates, over a
//! mebibyte, to each of the fresh sandboxes that tasks run in. A keyword that
//! is not known is refused when the settings are read: a schema is checked as a
//! whole or not at all.

mod check;
mod rules;

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use rules::Rules;

/// A schema that can be checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct Schema {
    said: Value,
    rules: Rules,
}

impl TryFrom<Value> for Schema {
    type Error = String;

    fn try_from(said: Value) -> Result<Self, String> {
        match Rules::deserialize(&said) {
            Ok(rules) => Ok(Self { said, rules }),
            Err(error) => Err(format!("the schema: {error}")),
        }
    }
}

impl Schema {
    /// Whether a value satisfies it; if not, what does not, and where.
    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        check::check(&self.rules, value).map_err(|fault| match fault.place.as_str() {
            "" => format!("the value {}", fault.what),
            place => format!("`{place}` {}", fault.what),
        })
    }
}

/// As the operator wrote it, for the model.
impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.said.fmt(f)
    }
}

#[cfg(test)]
mod tests;
