//! Results of tasks.

/// A result: bytes and what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// A media type. The plugin's words: print it through
    /// [`printable`](crate::failure::printable).
    pub content_type: String,
    /// The bytes themselves.
    pub bytes: Vec<u8>,
}
