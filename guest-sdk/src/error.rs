//! Failing with a reason that the host can act on.

use std::fmt;

use crate::bindings::fusebox::agent::types as wire;

pub use wire::{Category, Severity};

/// Why a task, or an operation inside it, did not succeed.
///
/// Any [`std::error::Error`] becomes one through `?`: class
/// `instance-failure`, code `error`, retryable or not unknown. The
/// constructors say more, so that the host can do better.
///
/// A failure of the class `validation` is [permanent](Self::permanent) unless
/// [`transient`](Self::transient) says otherwise: the same data is not valid the next
/// time either. Of the other classes nobody knows until one of the two is said, and
/// the host tries again if the plugin is idempotent.
///
/// It is no [`std::error::Error`] itself; that is what makes the conversion
/// from every other error possible.
#[derive(Clone)]
pub struct TaskError(wire::TaskError);

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $category:ident;)*) => {
        $($(#[$doc])*
        pub fn $name(code: &str, message: impl Into<String>) -> Self {
            Self::new(Category::$category, code, message)
        })*
    };
}

impl TaskError {
    /// An error of any class, of which nobody knows whether trying again can help.
    /// The code is a stable name such as `glm.1302`; the host puts `guest.` before it.
    pub fn new(category: Category, code: &str, message: impl Into<String>) -> Self {
        Self(wire::TaskError {
            category,
            code: code.into(),
            message: message.into(),
            severity: None,
            retryable: None,
            retry_after_ms: None,
            context: Vec::new(),
        })
    }

    constructors! {
        /// The network, or something on the way, failed.
        network => Network;
        /// A service refused because of a rate, a quota or its load.
        api_limit => ApiLimit;
        /// Something took too long.
        timeout => Timeout;
        /// The plugin cannot go on.
        failure => InstanceFailure;
    }

    /// Data is not what it has to be. Trying again cannot help, unless
    /// [`transient`](Self::transient) says that it can; where it is not known
    /// whether other data will come, use [`new`](Self::new).
    pub fn validation(code: &str, message: impl Into<String>) -> Self {
        Self::new(Category::Validation, code, message).permanent()
    }

    /// Trying again can help.
    pub fn transient(mut self) -> Self {
        self.0.retryable = Some(true);
        self
    }

    /// Trying again cannot help.
    pub fn permanent(mut self) -> Self {
        self.0.retryable = Some(false);
        self
    }

    /// Trying again can help, but not before so long.
    pub fn retry_after(mut self, wait: std::time::Duration) -> Self {
        let millis = wait.as_nanos().div_ceil(1_000_000);
        self.0.retry_after_ms = Some(u64::try_from(millis).unwrap_or(u64::MAX));
        self.transient()
    }

    /// How bad it is for the person who waits for the result.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.0.severity = Some(severity);
        self
    }

    /// Something else worth knowing.
    pub fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.0.context.push((key.into(), value.to_string()));
        self
    }

    /// The stable name, without `guest.`.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The class of the failure.
    pub fn category(&self) -> Category {
        self.0.category
    }

    /// One sentence for a person.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether trying again can help; none if nobody has said so.
    pub fn retryable(&self) -> Option<bool> {
        self.0.retryable
    }

    /// The least wait before another try, if one was asked for.
    pub fn least_wait(&self) -> Option<std::time::Duration> {
        self.0.retry_after_ms.map(std::time::Duration::from_millis)
    }

    pub(crate) fn as_wire(&self) -> &wire::TaskError {
        &self.0
    }

    pub(crate) fn into_wire(self) -> wire::TaskError {
        self.0
    }
}

/// As it is displayed: an `unwrap` that escapes shows it to whoever runs the plugin.
impl fmt::Debug for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.message)
    }
}

impl<E: std::error::Error> From<E> for TaskError {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            message.push_str(": ");
            message.push_str(&inner.to_string());
            source = inner.source();
        }
        Self::failure("error", message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_that_is_not_valid_is_not_tried_again_unless_the_author_says_so() {
        let error = TaskError::validation("row", "row 17 has no number");
        assert_eq!(error.category(), Category::Validation);
        assert_eq!(error.retryable(), Some(false));
        assert_eq!(error.transient().retryable(), Some(true));
        let wait = std::time::Duration::from_secs(1);
        let later = TaskError::validation("row", "not yet").retry_after(wait);
        assert_eq!((later.retryable(), later.least_wait()), (Some(true), Some(wait)));
    }

    #[test]
    fn of_all_else_nobody_knows_whether_trying_again_helps() {
        let others = [
            TaskError::network("n", ""),
            TaskError::api_limit("a", ""),
            TaskError::timeout("t", ""),
            TaskError::failure("f", ""),
            TaskError::new(Category::Validation, "v", ""),
        ];
        for error in others {
            assert_eq!(error.retryable(), None, "{error}");
        }
    }
}
