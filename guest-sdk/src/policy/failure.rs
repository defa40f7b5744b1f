//! A failure, as the host classified it.

use std::time::Duration;

use super::bindings::types::fusebox::policy::types as wire;
use super::{Blame, Category, Severity};

/// A failure, as the host classified it.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The stable code, `trap.unreachable` or `guest.glm.1302` for example.
    pub code: String,
    /// Its class.
    pub category: Category,
    /// How bad it is.
    pub severity: Severity,
    /// Whose fault it is.
    pub blame: Blame,
    /// Whether trying again can help; none if nobody knows.
    pub retryable: Option<bool>,
    /// The least wait that was asked for.
    pub retry_after: Option<Duration>,
    /// When it happened, on the clock of the snapshot's `now`.
    pub at: Duration,
}

impl Failure {
    /// A failure of the network that may pass, to try a policy on.
    pub fn example(code: &str) -> Self {
        Self {
            code: code.into(),
            category: Category::Network,
            severity: Severity::Medium,
            blame: Blame::Upstream,
            retryable: Some(true),
            retry_after: None,
            at: Duration::ZERO,
        }
    }

    /// The name of its class, `api-limit` for example.
    pub fn category_name(&self) -> &'static str {
        match self.category {
            Category::Network => "network",
            Category::ApiLimit => "api-limit",
            Category::InstanceFailure => "instance-failure",
            Category::CanvasCorruption => "canvas-corruption",
            Category::MemoryOverflow => "memory-overflow",
            Category::Timeout => "timeout",
            Category::Validation => "validation",
            Category::System => "system",
        }
    }
}

impl From<wire::Failure> for Failure {
    fn from(failure: wire::Failure) -> Self {
        Self {
            code: failure.code,
            category: failure.category,
            severity: failure.severity,
            blame: failure.blame,
            retryable: failure.retryable,
            retry_after: failure.retry_after_ms.map(Duration::from_millis),
            at: Duration::from_millis(failure.at_ms),
        }
    }
}

/// A failure in the words of the contract, to try what is told on.
#[cfg(test)]
pub(super) fn told(code: &str) -> wire::Failure {
    wire::Failure {
        code: code.into(),
        category: Category::ApiLimit,
        severity: Severity::High,
        blame: Blame::Upstream,
        retryable: None,
        retry_after_ms: Some(250),
        at_ms: 8_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_told_arrives() {
        let failure = Failure::from(told("guest.glm.1302"));
        assert_eq!(
            (failure.code.as_str(), failure.category_name()),
            ("guest.glm.1302", "api-limit")
        );
        assert_eq!(
            (failure.severity, failure.blame),
            (Severity::High, Blame::Upstream)
        );
        assert_eq!(failure.retryable, None);
        assert_eq!(failure.retry_after, Some(Duration::from_millis(250)));
        assert_eq!(failure.at, Duration::from_secs(8));
    }
}
