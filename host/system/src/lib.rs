//! What the host asks of the operating system: regular files and no others,
//! writes that a crash leaves whole, and the time.
//!
//! | module | what it has |
//! |---|---|
//! | [`regular`] | files opened without ever waiting, and read up to a bound |
//! | [`durable`] | files replaced so that a crash leaves the old or the new |
//! | [`json`] | what is written as JSON, with nothing in it that misleads a reader |
//! | [`wall_clock`] | the date and time, and a time that only goes on |

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod durable;
pub mod json;
pub mod regular;
pub mod wall_clock;
