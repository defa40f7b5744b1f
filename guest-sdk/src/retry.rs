//! Inner operations under the host's retry policy.

use crate::TaskError;
use crate::bindings::fusebox::agent::retry as host;

/// Runs an operation, and again as often and as late as the host's policy
/// says: the built-in one, within `retry` of the configuration. A try counts
/// towards the task's attempts. The waits burn no fuel; they are charged to the
/// attempt's deadline.
///
/// # Errors
/// The last error, with the reason for which the host gave up as `gave-up` in
/// its context.
pub fn retry<T>(name: &str, mut operation: impl FnMut() -> Result<T, TaskError>) -> Result<T, TaskError> {
    let handle = host::Operation::new(name);
    loop {
        let error = match operation() {
            Ok(value) => {
                handle.succeeded();
                return Ok(value);
            }
            Err(error) => error,
        };
        if let host::Verdict::GiveUp(refusal) = handle.failed(error.as_wire()) {
            return Err(error.with("gave-up", refusal.reason));
        }
    }
}
