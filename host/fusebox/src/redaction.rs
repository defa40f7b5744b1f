//! Secrets, kept out of all that leaves the host.
//!
//! | file | one idea |
//! |---|---|
//! | `vault` | every secret that was fetched, whoever it is for |
//! | `parts` | what of a secret is as secret as the whole |
//! | `spellings` | how a text can be written |
//! | `redactor` | one pass over a text for all of them |
//! | `stream` | the same over what comes in pieces |
//! | `said` | what is said in events, field by field |
//! | `log` | the lines of the host's own log |
//!
//! Texts are looked through as the values that they are, before anything is
//! made of them: what is written then has its form.
//!
//! That catches what a plugin or a service says without thinking, in the usual
//! encodings. It is no wall against a plugin that hides on purpose what it was
//! given: who is given a secret knows it.

mod log;
mod parts;
mod redactor;
mod said;
mod spellings;
mod stream;
mod vault;

pub(crate) use log::{LogLines, log_hides};
pub(crate) use redactor::Redactor;
pub use redactor::Unhidden;
pub(crate) use said::Hide;
pub(crate) use stream::Mask;
pub use vault::Vault;
