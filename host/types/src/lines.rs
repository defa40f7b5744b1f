//! What a guest says, line by line.

use serde::Serialize;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Every step.
    Trace,
    /// For the plugin's author.
    Debug,
    /// For the operator.
    Info,
    /// Something is odd.
    Warn,
    /// Something failed.
    Error,
}

/// One line of a guest's log, its standard output or its standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How much it matters; `info` for standard output, `warn` for standard
    /// error.
    pub level: Level,
    /// The guest's words, as they came.
    pub message: String,
    /// Its fields, as name and value.
    pub fields: Vec<(String, String)>,
}

/// All lines of one attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    /// Those that were kept.
    pub kept: Vec<Line>,
    /// How many more there were.
    pub dropped: u64,
}
