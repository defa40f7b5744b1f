//! Settings that do not fit.

use std::fmt;

/// Why a policy's settings cannot be used, in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError(String);

impl SettingsError {
    /// For this reason, which is said after `the policy's settings: `.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the policy's settings: {}", self.0)
    }
}

impl std::error::Error for SettingsError {}
