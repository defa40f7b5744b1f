//! Errors in OpenAI's shape, which most upstreams have made their own.

use fusebox_sdk::http::Response;
use fusebox_sdk::{Category, TaskError};

use super::{Fate, by_status};

/// Longest name that is kept of a code, in bytes.
const LONGEST: usize = 64;

/// The failure. Its name is the code or, where there is none or only a number,
/// the type or the status.
pub(super) fn failure(
    response: &Response,
    code: Option<&str>,
    kind: Option<&str>,
    message: String,
) -> TaskError {
    let number: Option<u16> = code.and_then(|code| code.parse().ok());
    // An error inside of an answer with 200 may tell its status as its code.
    let status = number
        .filter(|n| (400..600).contains(n))
        .unwrap_or(response.status());
    let names = [code.filter(|_| number.is_none()), kind];
    let named = names.into_iter().flatten().find_map(fate);
    let name = names.into_iter().flatten().find(|name| is_name(name));
    let code = match name {
        Some(name) => format!("openai.{}", name.to_ascii_lowercase()),
        None => format!("openai.{status}"),
    };
    super::failure(
        response,
        named.unwrap_or_else(|| by_status(status)),
        &code,
        message,
    )
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !text.is_empty() && text.len() <= LONGEST && text.chars().all(fits)
}

/// What a code or a type says by itself. A status says the rest.
fn fate(name: &str) -> Option<Fate> {
    Some(match name {
        "rate_limit_exceeded" | "rate_limit_error" | "overloaded_error" | "engine_overloaded" => {
            (Category::ApiLimit, Some(true))
        }
        "insufficient_quota" | "billing_hard_limit_reached" | "billing_not_active" => {
            (Category::ApiLimit, Some(false))
        }
        "invalid_api_key"
        | "authentication_error"
        | "permission_error"
        | "model_not_found"
        | "not_found_error"
        | "context_length_exceeded"
        | "content_policy_violation"
        | "content_filter"
        | "invalid_request_error" => (Category::Validation, Some(false)),
        "server_error" => (Category::Network, Some(true)),
        _ => return None,
    })
}
