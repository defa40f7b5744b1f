//! Answers that are no JSON.

use fusebox_sdk::TaskError;
use fusebox_sdk::http::Response;
use serde_json::Value;

/// How much of an answer is shown, in characters.
const SHOWN: usize = 200;

/// The answer as JSON.
///
/// # Errors
/// What it is instead. All of these come of something on the way, or of an
/// upstream in trouble, and pass.
pub(crate) fn json(response: &Response) -> Result<Value, TaskError> {
    let body = response.content().trim_ascii();
    let error = match serde_json::from_slice(body) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let failure = match body.first() {
        None => TaskError::network("llm.no-answer", "the upstream's answer is empty"),
        Some(b'<') => TaskError::network(
            "llm.web-page",
            "a web page came instead of an answer: a proxy's, or `url` is not the endpoint's",
        ),
        Some(_) if error.is_eof() => {
            TaskError::network("llm.incomplete", "the upstream's answer ends too early")
        }
        Some(_) => TaskError::network(
            "llm.not-json",
            format!("the upstream's answer is no JSON: {error}"),
        ),
    };
    let shown: String = String::from_utf8_lossy(body).chars().take(SHOWN).collect();
    let failure = failure.transient().with("status", response.status());
    match shown.as_str() {
        "" => Err(failure),
        shown => Err(failure.with("body", shown)),
    }
}
