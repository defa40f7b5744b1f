//! Whether a rule fits an answer.

use std::borrow::Cow;

use http::StatusCode;
use serde_json::Value;

use crate::rules::ErrorWhen;

/// Whether all conditions hold.
pub(super) fn fits(when: &ErrorWhen, status: StatusCode, body: Option<&Value>) -> bool {
    if when.status.is_some_and(|of| status != of) {
        return false;
    }
    let Some(field) = &when.field else { return true };
    let Some(value) = body
        .and_then(|body| body.pointer(field))
        .filter(|value| !value.is_null())
    else {
        return false;
    };
    when.equals.is_empty() || text(value).is_some_and(|text| when.equals.iter().any(|one| *one == text))
}

/// A text or a number, as a text: APIs write the same code as either.
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}
