//! Why there is no answer that can be used.

use std::fmt;

use super::{Refusal, Response, status};
use crate::{Category, TaskError};

/// Why there is no answer that can be used.
///
/// Like [`TaskError`], which it becomes through `?`, it is no
/// [`std::error::Error`]: that would make every code `error`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum HttpError {
    /// The URL or a header is none. Nothing was sent.
    Request(String),
    /// The host did not let the request pass. Nothing was sent.
    Refused(Refusal),
    /// The exchange failed on the way.
    Failed(Failed),
    /// The body is longer than [`Request::max_body`](super::Request::max_body)
    /// allows, in bytes.
    TooLarge(usize),
    /// The upstream answered with a redirect, or with a status from 400 on.
    Status(Box<Response>),
}

/// How an exchange failed on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// A stable name, `http.connect` for example.
    pub code: String,
    /// The class of the failure.
    pub category: Category,
    /// Whether trying again can help; none if the host knows best.
    pub retryable: Option<bool>,
    /// What happened, in one sentence.
    pub message: String,
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(message) => f.write_str(message),
            Self::Refused(refusal) => write!(f, "{}: {}", refusal.code, refusal.message),
            Self::Failed(failed) => write!(f, "{}: {}", failed.code, failed.message),
            Self::TooLarge(limit) => write!(f, "a body of more than {limit} bytes"),
            Self::Status(response) => f.write_str(&status::said(response)),
        }
    }
}

impl From<HttpError> for TaskError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Request(message) => TaskError::validation("http.request", message),
            HttpError::Refused(refusal) => refusal.into(),
            HttpError::Failed(failed) => failed.into(),
            HttpError::TooLarge(_) => TaskError::validation("http.body-size", error.to_string()),
            HttpError::Status(response) => status::failure(&response),
        }
    }
}

impl From<Failed> for TaskError {
    fn from(failed: Failed) -> Self {
        let error = TaskError::new(failed.category, &failed.code, failed.message);
        match failed.retryable {
            Some(true) => error.transient(),
            Some(false) => error.permanent(),
            None => error,
        }
    }
}
