//! What a plugin asks of an upstream.

use std::time::Duration;

use serde::Serialize;

use super::{HttpError, Method, Response, exchange};
use crate::TaskError;

/// The longest body of an answer, in bytes, unless
/// [`Request::max_body`] says otherwise: 8 MiB, the host's own default.
pub const MAX_BODY: usize = 8 << 20;

/// A request that is not sent yet.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent without `send`"]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) max_body: usize,
    pub(super) timeout: Option<Duration>,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: Method, url: &str) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: None,
            max_body: MAX_BODY,
            timeout: None,
        }
    }

    /// Adds a header. Leave authorization to the host: it knows the secret.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sends these bytes, of that media type.
    pub fn body(mut self, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        // Said beforehand, since not every API takes a body of unknown length.
        let length = bytes.len().to_string();
        self.body = Some(bytes);
        self.header("content-type", content_type)
            .header("content-length", &length)
    }

    /// Sends a value as JSON.
    ///
    /// # Errors
    /// If the value cannot be written as JSON, as a map with keys that are not
    /// strings cannot.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Result<Self, TaskError> {
        Ok(self.body("application/json", serde_json::to_vec(value)?))
    }

    /// The longest body of an answer that is read, in bytes. Nothing of a
    /// longer one is kept.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// The longest wait for each part of the exchange: the connection, the head
    /// of the answer, the next bytes of its body. Without it, and where it is
    /// longer, the host's limits for the upstream hold. One that is over fails
    /// with the code `http.timeout`, and nobody counts it against the upstream.
    pub fn timeout(mut self, each: Duration) -> Self {
        self.timeout = Some(each);
        self
    }

    /// Sends the request and reads the answer to its end. No fuel is burned
    /// while it waits.
    ///
    /// # Errors
    /// An [`HttpError`], also for a redirect and for a status from 400 on. `?` makes a
    /// [`TaskError`] of it.
    pub fn send(self) -> Result<Response, HttpError> {
        let response = exchange::exchange(&self)?;
        match response.is_error() {
            true => Err(HttpError::Status(Box::new(response))),
            false => Ok(response),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::http::post;

    #[test]
    fn a_value_is_sent_as_json_with_its_length() {
        let request = post("https://a/b").json(&[1, 2]).unwrap();
        assert_eq!(request.body.as_deref(), Some(b"[1,2]".as_slice()));
        let header = |name: &str| {
            request
                .headers
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.clone())
        };
        assert_eq!(header("content-type"), Some(b"application/json".to_vec()));
        assert_eq!(header("content-length"), Some(b"5".to_vec()));
    }
}
