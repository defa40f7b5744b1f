//! What is asked for, and how it can fail.

use std::sync::Arc;
use std::time::Duration;

use crate::GiveUp;
use fusebox_types::failure::{Failure, printable};

/// An operation that is to be run. A name alone makes one, without a deadline
/// and not known to be idempotent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub(super) name: String,
    pub(super) within: Option<Duration>,
    pub(super) idempotent: bool,
}

impl Call {
    /// An operation of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            within: None,
            idempotent: false,
        }
    }

    /// With so much time for all attempts and the waits between them.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self {
            within: Some(time),
            ..self
        }
    }

    /// One that may be run twice: tried again as well after a failure of which
    /// nobody knows whether that helps.
    #[must_use]
    pub fn idempotent(self) -> Self {
        Self {
            idempotent: true,
            ..self
        }
    }
}

impl From<&str> for Call {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Call {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

/// Why there is no result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RetryError {
    /// An operation of this name is under way.
    #[error("an operation `{}` is under way already", printable(.0))]
    UnderWay(String),
    /// Nothing more is tried.
    #[error("gave up after {attempts} attempts")]
    GaveUp {
        /// What the last attempt ended with.
        #[source]
        failure: Arc<Failure>,
        /// Why nothing more is tried.
        reason: GiveUp,
        /// How many attempts were made.
        attempts: u32,
    },
}
