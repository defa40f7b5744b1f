//! What is kept of a session on the disk.
//!
//! | module | what it has |
//! |---|---|
//! | [`journal`] | what happened, on the disk before anybody is told |

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod journal;
