//! Secrets, and their removal from everything that leaves the host.
//!
//! ```text
//! SecretRef (env or file) -- Vault::fetch --> Secret -> a plugin's settings, an upstream's headers
//!                                  |
//!                                  v
//!            parts and spellings of every secret -> Redactor
//!                                                      |
//! events, reports, log lines -- Hide ------------------+--> the same, with `[secret name]`
//! a body that arrives in pieces -- Mask ---------------+
//! ```
//!
//! | file | contents |
//! |---|---|
//! | `secret` | the place of a secret, and the secret itself |
//! | `vault` | every secret that was fetched, for any plugin or upstream |
//! | `parts` | the parts of a secret that are as secret as the whole |
//! | `spellings` | the encodings in which a text can appear |
//! | `redactor` | one pass over a text that finds all spellings of all secrets |
//! | `stream` | the same for bytes that arrive in pieces |
//! | `hide`, `texts` | redaction of values, field by field |
//! | `log` | redaction of the process's log lines |
//!
//! Values are redacted before they are serialized, so the written form stays valid.
//!
//! Redaction catches plugins and services that repeat a secret by accident, in the
//! usual encodings. It does not stop a plugin that disguises a secret on purpose: a
//! plugin knows the secrets that it is given.

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

mod hide;
mod log;
mod parts;
mod redactor;
mod secret;
mod spellings;
mod stream;
mod texts;
mod vault;

pub use hide::Hide;
pub use log::{hide_in_log, log_hides};
pub use redactor::{Redactor, Unhidden};
pub use secret::{Secret, SecretError, SecretRef};
pub use stream::Mask;
pub use vault::Vault;
