//! What an upstream answered.

use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;

use super::wait;
use crate::{Category, TaskError};

/// The byte order mark.
const MARK: &[u8] = "\u{feff}".as_bytes();

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

    /// The body without the byte order mark that some services write in front of a
    /// text.
    pub fn content(&self) -> &[u8] {
        self.body.strip_prefix(MARK).unwrap_or(&self.body)
    }

    /// Where it says that what was asked for is, if it is a redirect. The host
    /// follows none; what the operator granted, a plugin may ask for there.
    pub fn redirect(&self) -> Option<&str> {
        match self.status {
            300..=303 | 307 | 308 => self.header("location").filter(|location| !location.is_empty()),
            _ => None,
        }
    }

    /// Whether its status says that it is not what was asked for: a redirect, and all
    /// from 400 on.
    pub fn is_error(&self) -> bool {
        self.status >= 400 || self.redirect().is_some()
    }

    /// The body as text, without a byte order mark in front.
    ///
    /// # Errors
    /// `validation` with the code `http.utf8` if it is not UTF-8; whether the next
    /// answer will be, nobody knows.
    pub fn text(&self) -> Result<&str, TaskError> {
        std::str::from_utf8(self.content())
            .map_err(|e| TaskError::new(Category::Validation, "http.utf8", format!("the answer: {e}")))
    }

    /// The body as JSON, behind a byte order mark too.
    ///
    /// # Errors
    /// `network` with the code `http.incomplete`, worth another try, if it ends
    /// too early; `validation` with the code `http.json` if it is no JSON of
    /// that type, of which nobody knows whether trying again helps.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, TaskError> {
        serde_json::from_slice(self.content()).map_err(|error| {
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
    fn a_byte_order_mark_in_front_is_no_part_of_text_and_json() {
        let response = Response::new(200, &[], "\u{feff}[1,2]");
        assert_eq!(response.json::<Vec<u8>>().unwrap(), [1, 2]);
        assert_eq!(response.text().unwrap(), "[1,2]");
        assert_eq!(response.body().len(), 8);
    }

    #[test]
    fn what_is_elsewhere_is_not_what_was_asked_for() {
        let moved = &[("Location", "/v2")];
        for (status, headers, place, is_error) in [
            (307, &moved[..], Some("/v2"), true),
            (300, moved, Some("/v2"), true),
            (302, &[], None, false),
            (304, moved, None, false),
            (201, moved, None, false),
            (404, moved, None, true),
        ] {
            let response = Response::new(status, headers, "");
            assert_eq!(
                (response.redirect(), response.is_error()),
                (place, is_error),
                "{status}"
            );
        }
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
