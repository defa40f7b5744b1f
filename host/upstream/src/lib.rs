//! Upstreams: outside services that guests call over HTTP.
//!
//! ```text
//! request -> address: which upstream?  -> limits: rate and quotas    (asked by the caller)
//!                                            |
//!            call::Caller::send  <-----------+
//!               |- connect: resolve once, test every address (reach), TCP, TLS
//!               |- send, with secrets in the headers
//!               v
//!            response -> answers: what do status and body mean?
//!               |- body: unpacked, counted, secrets masked -> the guest
//!               +- Ending, exactly once: how the call ended, and whether it was sent
//! ```
//!
//! | module | contents |
//! |---|---|
//! | [`address`] | the address of an upstream, and the choice of the upstream for a request |
//! | [`reach`] | the kind of network that an address belongs to |
//! | [`connect`] | resolving once, testing every address, connecting, TLS |
//! | [`call`] | one request, and how it ended |
//! | [`answers`] | the meaning of an answer: throttled, out of quota, broken |
//! | [`limits`] | rates and quotas across runs and processes; pure |
//! | [`rules`] | the configuration of an upstream |
//! | `check` | contradictions in that configuration |
//!
//! Each request has its own connection, which closes with it. So no state passes from
//! one guest's call to the next, and a request that failed before it was handed to a
//! connection was certainly not sent.

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
