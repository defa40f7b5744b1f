//! What is kept for a key. Times are microseconds since 1970 in UTC: clocks of
//! processes do not outlive them. Fields that come later have defaults.

use serde::{Deserialize, Serialize};

/// A circuit as it was last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Circuit {
    /// Its state.
    pub state: String,
    /// Why.
    pub cause: String,
    /// Since when.
    pub since: i64,
    /// When it can be probed, if it is open.
    #[serde(default)]
    pub until: Option<i64>,
    /// How often it has opened without a lasting recovery between.
    #[serde(default)]
    pub trips: u32,
    /// What was counted before, as pairs of name and count.
    #[serde(default)]
    pub counts: Vec<(String, u64)>,
}

/// An instance that is or was out of its pool.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Quarantine {
    /// The agent.
    pub agent: String,
    /// The instance.
    pub instance: String,
    /// The digest of its plugin: another digest is another plugin.
    #[serde(default)]
    pub digest: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// What speaks for it.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// Since when.
    pub since: i64,
    /// Until when; none if it is back in its pool.
    #[serde(default)]
    pub until: Option<i64>,
    /// How often in a row: the next time is longer.
    #[serde(default)]
    pub times: u32,
}
