//! The host's own refusals.
//!
//! `wasi:http` has no error for "the breaker is open". What it has none for, the host
//! says as `internal-error` with a text of this form, and nobody else does:
//!
//! ```text
//! fusebox-refusal: <code>[; retry-after-ms=<number>]: <message>
//! fusebox-refusal: shed.breaker; retry-after-ms=60000: the breaker of `glm` is open
//! ```

use std::time::Duration;

use crate::{Category, TaskError};

/// What the text of a refusal begins with.
const REFUSAL: &str = "fusebox-refusal: ";
const WAIT: &str = "retry-after-ms=";

/// The host did not let a request pass. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The host's code, `shed.breaker` for example.
    pub code: String,
    /// Why, in one sentence.
    pub message: String,
    /// How long until it is worth asking again, if that is known.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    pub(super) fn new(code: &str, message: &str) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            retry_after: None,
        }
    }

    /// Reads the text of an `internal-error`. None, if it is no refusal.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (head, message) = text.strip_prefix(REFUSAL)?.split_once(": ")?;
        let (code, wait) = match head.split_once("; ") {
            Some((code, wait)) => (code, Some(wait.strip_prefix(WAIT)?.parse().ok()?)),
            None => (head, None),
        };
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
        if code.is_empty() || !code.chars().all(fits) {
            return None;
        }
        Some(Self {
            retry_after: wait.map(Duration::from_millis),
            ..Self::new(code, message)
        })
    }

    fn category(&self) -> Category {
        match self.code.split('.').next() {
            Some("denied" | "limit" | "invalid") => Category::Validation,
            Some("api") => Category::ApiLimit,
            _ if self.code == DENIED => Category::Validation,
            _ => Category::System,
        }
    }

    /// A full pool is soon free again. An open breaker and a spent quota last
    /// longer than an attempt: without a time, trying again is only a loop.
    fn is_short(&self) -> bool {
        matches!(self.code.as_str(), CONNECTIONS | "shed.pool")
    }
}

/// The code of a request to what was not granted.
pub(super) const DENIED: &str = "http.denied";
/// The code of a request over the number of those that may be open.
pub(super) const CONNECTIONS: &str = "shed.connections";

impl From<Refusal> for TaskError {
    fn from(refusal: Refusal) -> Self {
        let short = refusal.is_short();
        let error = TaskError::new(refusal.category(), &refusal.code, refusal.message);
        match refusal.retry_after {
            Some(wait) => error.retry_after(wait),
            None if short => error.transient(),
            None => error.permanent(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_code_and_wait_are_read() {
        let refusal =
            Refusal::parse("fusebox-refusal: shed.breaker; retry-after-ms=1500: it is: open").unwrap();
        assert_eq!(refusal.code, "shed.breaker");
        assert_eq!(refusal.message, "it is: open");
        assert_eq!(refusal.retry_after, Some(Duration::from_millis(1500)));
        let error = TaskError::from(refusal);
        assert_eq!(
            (error.category(), error.retryable()),
            (Category::System, Some(true))
        );
    }

    #[test]
    fn a_refusal_without_a_time_is_not_tried_in_a_loop() {
        let error = TaskError::from(Refusal::parse("fusebox-refusal: shed.quota: 120 of 120").unwrap());
        assert_eq!((error.code(), error.retryable()), ("shed.quota", Some(false)));
        let full = TaskError::from(Refusal::new(CONNECTIONS, "full"));
        assert_eq!(full.retryable(), Some(true));
    }

    #[test]
    fn other_texts_are_no_refusals() {
        for text in [
            "",
            "it broke",
            "std::io: broken",
            "hyper.rs: broken",
            // What a service or a proxy may say.
            "shed.breaker: x",
            "http.reset: x",
            "fusebox-refusal: shed.breaker",
            "fusebox-refusal: : x",
            "fusebox-refusal: shed.Breaker: x",
            "fusebox-refusal: shed.breaker; soon: x",
            "fusebox-refusal: shed.breaker; retry-after-ms=-1: x",
        ] {
            assert_eq!(Refusal::parse(text), None, "{text}");
        }
    }
}
