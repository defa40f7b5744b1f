//! This attempt: its number, its deadline, the failure before it.

use std::time::Duration;

use crate::bindings::fusebox::agent::attempt as host;
use crate::http::Method;

/// The number of this attempt, from 1.
pub fn number() -> u32 {
    host::get().number
}

/// How many attempts the host's policy allows at most.
pub fn maximum() -> u32 {
    host::get().maximum
}

/// Whether something that the task depends on is missing, so that a lesser
/// result is welcome.
pub fn is_degraded() -> bool {
    host::get().mode == host::Mode::Degraded
}

/// The code and the message of the failure before this attempt.
pub fn previous_failure() -> Option<(String, String)> {
    host::get().previous.map(|e| (e.code, e.message))
}

/// What is left until the attempt's deadline.
pub fn remaining() -> Duration {
    Duration::from_millis(host::remaining_ms())
}

/// The idempotency key that the attempt's next request with this method to this
/// URL will be sent with; none if the operator has not said in which header the
/// upstream takes keys.
///
/// The host puts it into the request by itself, and every attempt that makes the
/// same requests in the same order sends the same keys. This is for a plugin that
/// needs the key in the body too, or that repeats a request without
/// [`retry`](crate::retry) and so has to send the header itself:
///
/// ```
#[doc = include_str!("../examples/order.rs")]
/// ```
pub fn idempotency_key(method: &Method, url: &str) -> Option<String> {
    host::idempotency_key(name(method), url)
}

/// A method as it stands in a request.
fn name(method: &Method) -> &str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => name,
    }
}

/// Whether the operator has cancelled the task.
pub fn is_cancelled() -> bool {
    host::is_cancelled()
}
