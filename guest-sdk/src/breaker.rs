//! Circuit breakers for services that the plugin names.

use crate::TaskError;
use crate::bindings::fusebox::agent::breaker as host;

/// Why a guarded call has no result.
#[derive(Debug, Clone)]
pub enum BreakerError {
    /// The breaker does not let the call pass.
    Refused {
        /// How long until it is worth asking again, if that is known.
        retry_after: Option<std::time::Duration>,
    },
    /// The call was made and failed.
    Failed(TaskError),
}

/// Calls a service through its circuit breaker: the call is refused at once
/// while the breaker is open, and what it comes to is counted.
///
/// # Errors
/// [`BreakerError::Refused`] if the call was not made, [`BreakerError::Failed`]
/// with the call's own error otherwise.
pub fn breaker<T>(service: &str, call: impl FnOnce() -> Result<T, TaskError>) -> Result<T, BreakerError> {
    let permit = host::acquire(service).map_err(|refusal| BreakerError::Refused {
        retry_after: refusal.retry_after_ms.map(std::time::Duration::from_millis),
    })?;
    let result = call();
    let outcome = match result {
        Ok(_) => host::Outcome::Success,
        Err(_) => host::Outcome::Failure,
    };
    host::Permit::finish(permit, outcome);
    result.map_err(BreakerError::Failed)
}

impl From<BreakerError> for TaskError {
    fn from(error: BreakerError) -> Self {
        match error {
            BreakerError::Failed(error) => error,
            BreakerError::Refused { retry_after } => {
                let refused = TaskError::api_limit("breaker.refused", "the breaker is open");
                match retry_after {
                    Some(wait) => refused.retry_after(wait),
                    None => refused,
                }
            }
        }
    }
}
