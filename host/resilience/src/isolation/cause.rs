//! Why an instance leaves its pool, and why it comes back.

use std::fmt;

use serde::{Deserialize, Serialize};

use fusebox_types::failure::printable;

/// Why an instance is quarantined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Too many strikes in a row.
    Strikes,
    /// A larger share of strikes than the rest of its pool.
    Outlier,
    /// The probe after a quarantine was a strike again.
    ProbeFailed,
    /// A policy component ruled so, with its words.
    Policy(Box<str>),
    /// The operator ordered it, with their words.
    Operator(Box<str>),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Strikes => f.write_str("too many strikes in a row"),
            Self::Outlier => f.write_str("it fails more than the rest of its pool"),
            Self::ProbeFailed => f.write_str("its probe failed"),
            Self::Policy(words) => write!(f, "the policy: {}", printable(words)),
            Self::Operator(words) => write!(f, "the operator: {}", printable(words)),
        }
    }
}

/// Why a quarantine ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Its time was over and its probe succeeded.
    Probe,
    /// A policy component let the instance work although its probe failed.
    Policy,
    /// The operator ordered it.
    Operator,
    /// The instance has another plugin now.
    NewDigest,
    /// The pool or its rules changed, and no longer allow so many to be out.
    Floor,
}

impl Release {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Policy => "policy",
            Self::Operator => "operator",
            Self::NewDigest => "new-digest",
            Self::Floor => "floor",
        }
    }
}
