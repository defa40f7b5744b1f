//! Why a file could not be had.

use std::fmt;

use crate::TaskError;
use crate::bindings::wasi::filesystem::types::{ErrorCode, filesystem_error_code};
use crate::bindings::wasi::io::error::Error;

/// Why a file could not be had.
///
/// Like [`TaskError`], which it becomes through `?`, it is no
/// [`std::error::Error`]: that would make every code `error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// A stable name: `no-entry`, `read-only`, `not-permitted`, `quota` and the
    /// others of `wasi:filesystem`; `not-text` is the SDK's own.
    pub code: &'static str,
    /// The file.
    pub path: String,
    message: String,
}

impl FileError {
    pub(super) fn new(path: &str, code: ErrorCode) -> Self {
        Self {
            code: code.name(),
            path: path.into(),
            message: meaning(code).into(),
        }
    }

    /// What ended a stream.
    pub(super) fn of_stream(path: &str, error: &Error) -> Self {
        Self::new(path, filesystem_error_code(error).unwrap_or(ErrorCode::Io))
    }

    /// The same of another file.
    pub(super) fn of(self, path: &str) -> Self {
        Self {
            path: path.into(),
            ..self
        }
    }

    pub(super) fn not_text(path: &str) -> Self {
        Self {
            code: "not-text",
            path: path.into(),
            message: "it is no UTF-8".into(),
        }
    }
}

/// What most people meet, in words.
const fn meaning(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::NoEntry => "there is no such file or folder, or it was not granted",
        ErrorCode::NotPermitted => "that is not allowed",
        ErrorCode::Access => "the host's user may not do that",
        ErrorCode::ReadOnly => "the folder can only be read",
        ErrorCode::Quota | ErrorCode::InsufficientSpace => "there is no more room",
        ErrorCode::IsDirectory => "it is a folder",
        ErrorCode::NotDirectory => "it is no folder",
        ErrorCode::Exist => "it is there already",
        ErrorCode::NotEmpty => "it is not empty",
        ErrorCode::CrossDevice => "it would be in another granted folder",
        ErrorCode::NameTooLong => "the name is too long",
        _ => "the file system failed",
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.path, self.message, self.code)
    }
}

/// What the host refused, it knows itself; the rest may be the input's fault.
impl From<FileError> for TaskError {
    fn from(error: FileError) -> Self {
        let code = format!("file.{}", error.code);
        TaskError::validation(&code, error.to_string())
    }
}
