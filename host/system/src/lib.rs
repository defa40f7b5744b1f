//! The host's access to the operating system: regular files only, writes that
//! survive a crash, and the time.
//!
//! ```text
//! path -- regular --> open without waiting -> is it a regular file? -> bytes, up to a bound
//!
//! bytes -- durable --> draft -> sync -> rename over the old file -> sync of the folder
//!
//! value -- json --> text, with control and direction characters escaped
//!
//! bytes -- text --> UTF-8 without a byte order mark, or that it is UTF-16
//!
//! the system's clock -- wall_clock, read once --> now(), which no setting of the clock moves
//! ```
//!
//! | module | contents |
//! |---|---|
//! | [`regular_file`] | opening files without waiting, and reading them up to a bound |
//! | [`durable`] | replacing files so that a crash leaves the old file or the new one |
//! | [`json`] | writing JSON that cannot mislead a person who reads it |
//! | [`text`] | bytes of a file as a text, without the marks that editors put in front |
//! | [`wall_clock`] | date and time, and a time that only goes forward |

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod durable;
pub mod json;
pub mod regular_file;
pub mod text;
pub mod wall_clock;
