//! Outside services that guests call over HTTP.
//!
//! ```text
//! address   where an upstream is; which of them a request is meant for
//! reach     which kind of network an address belongs to
//! connect   resolved once, every address tested, connected, TLS
//! call      one request through all of it, and how it ended
//! answers   what an answer means: throttled, out of quota, broken
//! limits    how much may be asked, over runs and processes: pure
//! rules     what the configuration says of an upstream
//! check     what of that could never work
//! ```
//!
//! A connection is made for each request and ends with it: nothing of one
//! guest's call is there for the next, and a request that failed before it was
//! handed to a connection was certainly not sent.

#![warn(missing_docs)]
// Tests make files of all kinds.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod address;
pub mod answers;
pub mod call;
mod check;
pub mod connect;
pub mod limits;
pub mod reach;
pub mod rules;

pub use address::{Address, Denial};
pub use call::{CallFailure, CallFault, Caller, Upstream, UpstreamError};
pub use check::contradictions;
