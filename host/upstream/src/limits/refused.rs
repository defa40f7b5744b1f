//! Why no request may be made.

use std::fmt;
use std::time::Duration;

use fusebox_types::failure::Code;
use fusebox_types::units::show_duration;

/// Why no request may be made, and until when.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{limit}")]
pub struct Refused {
    /// What is used up.
    pub limit: Limit,
    /// When there is room again, in Unix milliseconds; none if never, under
    /// these rules.
    pub until_ms: Option<u64>,
}

/// What is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    /// The rate.
    Rate {
        /// Requests in that time.
        requests: u64,
        /// The time, in milliseconds.
        per_ms: u64,
    },
    /// A quota, or the agent's part of it.
    Quota {
        /// Requests in the window.
        requests: u64,
        /// The window, in milliseconds.
        window_ms: u64,
        /// The agent's part of them.
        part: u64,
    },
    /// The upstream itself said so.
    Upstream,
}

impl Refused {
    /// The failure's code.
    pub const fn code(&self) -> Code {
        match self.limit {
            Limit::Rate { .. } => Code::ShedRate,
            Limit::Quota { .. } | Limit::Upstream => Code::ShedQuota,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = |ms: &u64| show_duration(Duration::from_millis(*ms));
        match self {
            Self::Rate { requests, per_ms } => {
                write!(
                    f,
                    "the rate of {requests} requests in {} is used up",
                    span(per_ms)
                )
            }
            Self::Quota {
                requests,
                window_ms,
                part,
            } => {
                if part != requests {
                    write!(f, "the agent's part of {part} of ")?;
                }
                write!(
                    f,
                    "the quota of {requests} requests in {} is used up",
                    span(window_ms)
                )
            }
            Self::Upstream => f.write_str("the upstream said that its quota is used up"),
        }
    }
}
