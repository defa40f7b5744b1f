//! What the host says of its own work.

use serde::{Deserialize, Serialize};

/// What the host says of its own work, on standard error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct LogRules {
    /// How much: `error`, `warn`, `info`, `debug`, `trace`, or any filter of the
    /// tracing crate. What a person has to know, by default.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 1000)))]
    pub level: String,
    /// How lines are written: for a person, or for a program.
    pub format: LogFormat,
}

impl Default for LogRules {
    fn default() -> Self {
        Self {
            level: "warn".into(),
            format: LogFormat::Text,
        }
    }
}

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For a person.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}
