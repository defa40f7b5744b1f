//! The links of a chain of fallbacks.

use std::time::Duration;

/// One link of a chain of fallbacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FallbackLink {
    /// Another instance of the same pool that has not tried the task yet.
    Instance,
    /// What the same plugin gave last for the same input under the same
    /// settings, in this session or an earlier one.
    Cached {
        /// How old it may be; without this as old as what is kept is.
        max_age: Option<Duration>,
    },
    /// The value that the task has in the session file or by its board rule,
    /// under `fallback`.
    Value,
    /// Nothing more: let the task fail.
    Skip,
    /// Another agent, with the same input and its own settings.
    Agent(String),
    /// This text.
    Text(String),
    /// This value, written as JSON.
    Json(String),
}

impl std::fmt::Display for FallbackLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Instance => f.write_str("instance"),
            Self::Cached { .. } => f.write_str("cached"),
            Self::Value | Self::Text(_) | Self::Json(_) => f.write_str("value"),
            Self::Skip => f.write_str("skip"),
            Self::Agent(name) => write!(f, "agent:{name}"),
        }
    }
}
