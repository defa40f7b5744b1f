//! What a status says, after RFC 9110 and the custom of APIs.

use super::Response;
use crate::TaskError;

/// How much of a body is shown, in characters.
const SHOWN: usize = 300;

/// A status in words, and where a redirect leads.
pub(super) fn said(response: &Response) -> String {
    let status = response.status();
    match response.redirect() {
        Some(location) => format!("status {status}: it moved to `{}`", place(location)),
        None => format!("status {status}"),
    }
}

/// A location without what only its reader should have: credentials and the query.
fn place(location: &str) -> String {
    let place = location.split(['?', '#']).next().unwrap_or_default();
    let shown = match place.split_once("//") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}//{host}{path}")
        }
        None => place.to_owned(),
    };
    shown.chars().take(SHOWN).collect()
}

/// The failure that a redirect is, or an answer with a status from 400 on.
pub(super) fn failure(response: &Response) -> TaskError {
    let status = response.status();
    let message = format!("the upstream answered with {}", said(response));
    let code = format!("http.{status}");
    let error = match status {
        425 | 429 => TaskError::api_limit("api.throttled", message).transient(),
        // 529 is "overloaded" at several APIs; no standard has it.
        503 | 529 => TaskError::api_limit("api.overloaded", message).transient(),
        402 => TaskError::api_limit("api.billing", message).permanent(),
        // It may have been carried out: whether it may be sent twice is not said here.
        408 | 504 => TaskError::timeout(&code, message),
        500.. => TaskError::network(&code, message),
        _ => TaskError::validation(&code, message),
    };
    let error = match response.retry_after() {
        Some(wait) if error.retryable() == Some(true) => error.retry_after(wait),
        _ => error,
    };
    let shown: String = String::from_utf8_lossy(response.body())
        .chars()
        .take(SHOWN)
        .collect();
    match shown.trim() {
        "" => error,
        shown => error.with("body", shown),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Category;

    #[test]
    fn a_status_becomes_class_code_and_hint() {
        for (status, category, code, retryable) in [
            (425, Category::ApiLimit, "api.throttled", Some(true)),
            (429, Category::ApiLimit, "api.throttled", Some(true)),
            (503, Category::ApiLimit, "api.overloaded", Some(true)),
            (402, Category::ApiLimit, "api.billing", Some(false)),
            (504, Category::Timeout, "http.504", None),
            (502, Category::Network, "http.502", None),
            (401, Category::Validation, "http.401", Some(false)),
            (404, Category::Validation, "http.404", Some(false)),
        ] {
            let error = failure(&Response::new(status, &[], "no"));
            assert_eq!((error.category(), error.code()), (category, code));
            assert_eq!(error.retryable(), retryable, "{status}");
        }
    }

    #[test]
    fn a_redirect_names_its_location_without_credentials_and_query() {
        let moved = &[("location", "https://me:key@api.example/v2?token=abc")];
        let error = failure(&Response::new(307, moved, ""));
        assert_eq!((error.code(), error.retryable()), ("http.307", Some(false)));
        let message = "the upstream answered with status 307: it moved to `https://api.example/v2`";
        assert_eq!(error.message(), message);
    }

    #[test]
    fn a_wait_that_was_asked_for_is_handed_on_where_trying_again_helps() {
        let asked = &[("Retry-After", "7")];
        let wait = |status| failure(&Response::new(status, asked, "")).least_wait();
        assert_eq!(wait(429), Some(Duration::from_secs(7)));
        assert_eq!(wait(404), None);
    }
}
