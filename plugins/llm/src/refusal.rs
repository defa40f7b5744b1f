//! An upstream's own errors, in the shapes in which they come.
//!
//! | from | shape |
//! |---|---|
//! | OpenAI and most others | `{"error": {"message", "type", "code"}}` |
//! | GLM | `{"error": {"code": "1302", "message"}}`, from its gateway `{"code", "msg", "success": false}` |
//! | Ollama, its own API | `{"error": "..."}` |
//! | vLLM | `{"object": "error", "message", "type", "code"}` |
//!
//! They come with a status from 400 on, and now and then with 200.

mod glm;
mod openai;
mod reset;

use fusebox_sdk::http::{HttpError, Response};
use fusebox_sdk::{Category, TaskError};
use serde_json::Value;

/// What class a failure is of, and whether trying again can help.
type Fate = (Category, Option<bool>);

/// The upstream's error, if that is what the answer is.
pub(crate) fn read(response: &Response, value: &Value) -> Option<TaskError> {
    let error = match value.get("error") {
        Some(Value::String(message)) => return Some(ollama(response, message)),
        Some(error @ Value::Object(_)) => error,
        _ if is_error(value) => value,
        _ => return None,
    };
    let message = ["message", "msg"].into_iter().find_map(|name| text(error, name));
    let message = message.unwrap_or_else(|| "the upstream says only that it failed".into());
    let code = text(error, "code");
    let kind = text(error, "type");
    Some(match code.as_deref().and_then(glm::number) {
        Some(number) if kind.is_none() => glm::failure(response, number, message),
        _ => openai::failure(response, code.as_deref(), kind.as_deref(), message),
    })
}

/// Errors that are the whole of an answer.
fn is_error(value: &Value) -> bool {
    value.get("object").and_then(Value::as_str) == Some("error")
        || value.get("success").and_then(Value::as_bool) == Some(false)
}

/// A text, or a number as text.
fn text(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn ollama(response: &Response, message: &str) -> TaskError {
    let status = response.status();
    let code = match status {
        400.. => format!("ollama.{status}"),
        _ => "ollama.error".into(),
    };
    failure(response, by_status(status), &code, message.into())
}

fn failure(response: &Response, (category, retryable): Fate, code: &str, message: String) -> TaskError {
    let error = TaskError::new(category, code, message).with("status", response.status());
    match (retryable, response.retry_after()) {
        (Some(true), Some(wait)) => error.retry_after(wait),
        (Some(true), None) => error.transient(),
        (Some(false), _) => error.permanent(),
        (None, _) => error,
    }
}

/// What a status says where the error itself does not.
fn by_status(status: u16) -> Fate {
    if status < 400 {
        return (Category::Network, None);
    }
    let error = TaskError::from(HttpError::Status(Box::new(Response::new(status, &[], ""))));
    (error.category(), error.retryable())
}

#[cfg(test)]
mod tests;
