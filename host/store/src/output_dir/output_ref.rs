//! Where a result is kept.

use serde::Serialize;

/// A result, in the report itself if it is small text, else as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutputRef {
    /// Its media type.
    pub content_type: String,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// The result itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inline: Option<String>,
    /// The file that holds it, from the report's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}
