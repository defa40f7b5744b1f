//! What an upstream answered.

use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;

use super::wait;
use crate::{Category, TaskError};

/// What an upstream answered, read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Response {
    /// An answer put together by hand, as a plugin's own tests need it.
    pub fn new(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        Self::from_parts(status, headers.collect(), body.into())
    }

    pub(super) fn from_parts(status: u16, headers: Vec<(String, Vec<u8>)>, body: Vec<u8>) -> Self {
        Self {
            status,
            headers,
            body,
        }
    }

    /// The status code, from 100.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header of that name, in whatever case, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// All headers, in their order.
    pub fn headers(&self) -> &[(String, Vec<u8>)] {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, without a copy.
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// The body as text.
    ///
    /// # Errors
    /// `validation` with the code `http.utf8` if it is not UTF-8; whether the next
    /// answer will be, nobody knows.
    pub fn text(&self) -> Result<&str, TaskError> {
        std::str::from_utf8(&self.body)
            .map_err(|e| TaskError::new(Category::Validation, "http.utf8", format!("the answer: {e}")))
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `network` with the code `http.incomplete`, worth another try, if it ends
    /// too early; `validation` with the code `http.json` if it is no JSON of
    /// that type, of which nobody knows whether trying again helps.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, TaskError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let message = format!("the answer: {error}");
            if error.is_eof() {
                return TaskError::network("http.incomplete", message).transient();
            }
            TaskError::new(Category::Validation, "http.json", message)
        })
    }

    /// How long the upstream asks to be left alone, if it does: by `Retry-After` in
    /// all its forms, by its relatives in milliseconds, or, with the status 429, by
    /// when its limit is lifted.
    pub fn retry_after(&self) -> Option<Duration> {
        wait::retry_after(self)
    }

    /// When the answer was sent, by the upstream's own clock, if it says so.
    pub fn sent(&self) -> Option<SystemTime> {
        wait::sent(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_any_case_and_the_first_counts() {
        let response = Response::new(200, &[("X-A", "1"), ("x-a", "2")], "");
        assert_eq!((response.header("x-A"), response.header("b")), (Some("1"), None));
    }

    #[test]
    fn an_answer_that_ends_too_early_is_the_networks_fault() {
        let read = |body: &str| Response::new(200, &[], body).json::<Vec<u8>>();
        assert_eq!(read("[1,2]").unwrap(), [1, 2]);
        let early = read("[1,").unwrap_err();
        assert_eq!(
            (early.category(), early.retryable()),
            (Category::Network, Some(true))
        );
        assert_eq!(read("{}").unwrap_err().code(), "http.json");
    }
}
