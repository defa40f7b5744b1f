//! What was taken, and what there is to say about it.

#[cfg(test)]
use std::collections::BTreeMap;

use fusebox_types::units::show_duration;

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

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let window = show_duration(std::time::Duration::from_millis(self.window_ms));
        let whose = match &self.who {
            Some(agent) => format!("the part of agent {agent} of the quota"),
            None => "the quota".into(),
        };
        write!(
            f,
            "{} % of {whose} is used up: {} of {} requests in {window}",
            self.percent, self.used, self.of
        )
    }
}

/// How far a quota is used up.
#[cfg(test)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Usage {
    /// The length of its window, in milliseconds.
    pub(crate) window_ms: u64,
    /// Requests in the window.
    pub(crate) used: u64,
    /// Requests that there may be.
    pub(crate) of: u64,
    /// Requests in the window by agent.
    pub(crate) by_agent: BTreeMap<String, u64>,
}
