//! The states of a breaker, and what moves it from one to another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The state of a breaker, as people see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Calls pass.
    Closed,
    /// Calls are refused until a wait is over.
    Open,
    /// A bounded number of probes pass.
    HalfOpen,
    /// The operator refuses all calls.
    ForcedOpen,
    /// Calls pass and are not counted.
    Disabled,
    /// Calls pass and are counted.
    MetricsOnly,
}

impl State {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
            Self::ForcedOpen => "forced-open",
            Self::Disabled => "disabled",
            Self::MetricsOnly => "metrics-only",
        }
    }
}

/// Why a breaker is in its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Nothing has happened yet.
    Start,
    /// Too many failures in a row.
    ConsecutiveFailures,
    /// Too large a share of failures.
    FailureRate,
    /// Too large a share of slow calls.
    SlowRate,
    /// A probe failed.
    ProbeFailed,
    /// Enough probes succeeded.
    ProbesSucceeded,
    /// The wait of the open breaker was over.
    WaitOver,
    /// A policy component ruled so.
    Policy,
    /// The operator ordered it.
    Operator,
}

impl Cause {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::ConsecutiveFailures => "consecutive-failures",
            Self::FailureRate => "failure-rate",
            Self::SlowRate => "slow-rate",
            Self::ProbeFailed => "probe-failed",
            Self::ProbesSucceeded => "probes-succeeded",
            Self::WaitOver => "wait-over",
            Self::Policy => "policy",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
