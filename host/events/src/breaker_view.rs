//! A breaker, as it is shown.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use fusebox_resilience::breaker::{Cause, Counts, State};

/// A breaker at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BreakerView {
    /// `agent:<name>`, `upstream:<name>`, `upstream:<name>@<agent>` (one agent's way to
    /// it) or `service:<agent>/<name>`.
    pub key: String,
    /// Its state.
    pub state: String,
    /// Why it is in that state.
    pub cause: String,
    /// What the policy that judged it said, if one did, or that an earlier session
    /// left it so. May hold a plugin's words.
    pub reason: Option<String>,
    /// Since when, in UTC.
    pub since: String,
    /// When it can be probed, if it is open.
    pub until: Option<String>,
    /// What was counted: in its state, or before it opened.
    pub counts: BTreeMap<String, u64>,
    /// The tasks that it holds back in a session under way; none if it holds none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<HeldTasks>,
}

/// Tasks that a breaker holds back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldTasks {
    /// How many there are.
    pub tasks: u64,
    /// When the next of them may try, in UTC; none if a person has to act.
    pub next: Option<String>,
}

impl BreakerView {
    /// Whether it is of one agent's way to an upstream.
    pub fn is_of_a_way(&self) -> bool {
        self.key.starts_with("upstream:") && self.key.contains('@')
    }

    /// A breaker that a report knows and nothing is kept of: it is closed now,
    /// whatever the report says. A service's is as its session left it.
    pub fn closed_since(self) -> Self {
        let closed = State::Closed.name();
        if self.state == closed || self.key.starts_with("service:") {
            return self;
        }
        Self {
            state: closed.to_owned(),
            until: None,
            ..self
        }
    }

    pub fn new(
        key: &str,
        (state, cause): (State, Cause),
        (since, until): (Timestamp, Option<Timestamp>),
        counts: &Counts,
    ) -> Self {
        let time = |at: Timestamp| format!("{at:.3}");
        let counts = [
            ("calls", counts.calls),
            ("failures", counts.failures),
            ("slow", counts.slow),
            ("consecutive_failures", counts.consecutive_failures),
            ("consecutive_successes", counts.consecutive_successes),
        ];
        Self {
            key: key.to_owned(),
            state: state.to_string(),
            cause: cause.to_string(),
            reason: None,
            since: time(since),
            until: until.map(time),
            counts: counts.map(|(name, count)| (name.to_owned(), count)).into(),
            held: None,
        }
    }
}
