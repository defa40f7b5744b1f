//! What a task comes to.

use serde::Serialize;

use crate::TaskError;
use crate::bindings::fusebox::agent::types as wire;

/// A result: bytes and what they are.
#[derive(Debug, Clone)]
pub struct Output(wire::Content);

impl Output {
    /// The media type of plain text.
    pub const TEXT: &'static str = "text/plain";
    /// The media type of Markdown.
    pub const MARKDOWN: &'static str = "text/markdown";
    /// The media type of JSON.
    pub const JSON: &'static str = "application/json";

    /// Bytes of any kind.
    pub fn new(content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self(wire::Content {
            content_type: content_type.into(),
            bytes: bytes.into(),
        })
    }

    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Self::TEXT, text.into())
    }

    /// Markdown.
    pub fn markdown(text: impl Into<String>) -> Self {
        Self::new(Self::MARKDOWN, text.into())
    }

    /// A value as JSON.
    ///
    /// # Errors
    /// If the value cannot be written as JSON, as a map with keys that are not
    /// strings cannot.
    pub fn json<T: Serialize>(value: &T) -> Result<Self, TaskError> {
        Ok(Self::new(Self::JSON, serde_json::to_vec(value)?))
    }

    pub(crate) fn into_wire(self) -> wire::Content {
        self.0
    }
}
