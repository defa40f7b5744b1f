//! What was taken, and what there is to say about it.

use std::collections::BTreeMap;

/// One request that may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Quotas that are nearly used up, each said once.
    pub warnings: Vec<Warning>,
    pub(super) who: String,
    /// Where it is counted: windows and times, in milliseconds.
    pub(super) counted: Vec<(u64, u64)>,
}

/// A quota is nearly used up: it has just passed 80, 90 or 95 %.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The length of its window, in milliseconds.
    pub window_ms: u64,
    /// What was passed, in percent.
    pub percent: u8,
    /// Requests in the window.
    pub used: u64,
    /// Requests that there may be.
    pub of: u64,
    /// Whose part it is; none for the quota as a whole.
    pub who: Option<String>,
}

/// How far a quota is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The length of its window, in milliseconds.
    pub window_ms: u64,
    /// Requests in the window.
    pub used: u64,
    /// Requests that there may be.
    pub of: u64,
    /// Requests in the window by agent.
    pub by_agent: BTreeMap<String, u64>,
}
