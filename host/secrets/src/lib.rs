//! Secrets, kept out of all that leaves the host.
//!
//! | file | one idea |
//! |---|---|
//! | `secret` | where a secret is, and the secret itself |
//! | `vault` | every secret that was fetched, whoever it is for |
//! | `parts` | what of a secret is as secret as the whole |
//! | `spellings` | how a text can be written |
//! | `redactor` | one pass over a text for all of them |
//! | `stream` | the same over what comes in pieces |
//! | `hide`, `texts` | what is said, field by field |
//!
//! Texts are looked through as the values that they are, before anything is
//! made of them: what is written then has its form.
//!
//! That catches what a plugin or a service says without thinking, in the usual
//! encodings. It is no wall against a plugin that hides on purpose what it was
//! given: who is given a secret knows it.

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
