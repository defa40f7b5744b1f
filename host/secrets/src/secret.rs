//! Secrets: named in the configuration, kept elsewhere, printed nowhere.

use std::fmt;
use std::path::PathBuf;

use fusebox_system::text::NotUtf8;
use serde::{Deserialize, Serialize};

/// Longest secret, in bytes.
const MAX_BYTES: u64 = 64 << 10;
/// Shortest secret, in bytes: a shorter one stands in ordinary words as well,
/// and could not be kept out of them.
const MIN_BYTES: usize = 8;

/// Where a secret is. The configuration never holds the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(extend("x-expected" = "a reference, either `{ env: GLM_API_KEY }` or `{ file: /run/secrets/glm }`; the secret itself does not belong in the configuration", "x-sensitive" = true)))]
pub enum SecretRef {
    /// In this environment variable of the host.
    Env(#[cfg_attr(feature = "schema", schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$")))] String),
    /// In this file, from the configuration's folder. White space at its end is
    /// not part of it, nor is a byte order mark in front.
    File(#[cfg_attr(feature = "schema", schemars(length(min = 1)))] PathBuf),
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment variable is not set.
    #[error("the environment variable {0} is not set")]
    Unset(String),
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// What is there cannot be used.
    #[error("{place} holds {what}")]
    Unusable {
        /// The variable or the file.
        place: String,
        /// What it holds.
        what: &'static str,
    },
    /// There are too many, or too long ones.
    #[error("all secrets together hold more than 128 KiB, too much to be kept out of other texts")]
    TooMuch,
}

/// A secret. It has no `Display`, and its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for the one place that hands it on.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// One that was had from elsewhere. A [`Vault`](crate::Vault) has to learn it before anybody is
    /// handed it.
    pub fn of(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl SecretRef {
    /// Reads the secret, for a vault that learns it.
    ///
    /// # Errors
    /// If it is not there. The error names the place and never the content.
    pub(crate) fn read(&self) -> Result<Secret, SecretError> {
        match self {
            SecretRef::Env(name) => {
                let text = std::env::var_os(name).ok_or_else(|| SecretError::Unset(name.clone()))?;
                usable(
                    format!("the environment variable {name}"),
                    text.into_encoded_bytes(),
                )
            }
            SecretRef::File(path) => from_file(path),
        }
    }
}

fn from_file(path: &std::path::Path) -> Result<Secret, SecretError> {
    let read = |source| SecretError::Read {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    let file = fusebox_system::regular_file::open(path).map_err(read)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, MAX_BYTES + 1), &mut bytes).map_err(read)?;
    usable(path.display().to_string(), bytes)
}

/// What was found at a place, if it can be a secret.
fn usable(place: String, bytes: Vec<u8>) -> Result<Secret, SecretError> {
    let too_long = bytes.len() as u64 > MAX_BYTES;
    let text = fusebox_system::text::of_bytes(bytes);
    let what = match text.as_deref().map(str::trim_end) {
        _ if too_long => "more than 64 KiB",
        Err(NotUtf8::Utf16) => "a text in UTF-16; save it as UTF-8",
        Err(NotUtf8::Other) => "something that is not text",
        Ok("") => "nothing",
        Ok(text) if text.len() < MIN_BYTES => {
            "fewer than 8 characters, too few to be kept out of other texts"
        }
        Ok(text) => return Ok(Secret(text.to_owned())),
    };
    Err(SecretError::Unusable { place, what })
}
