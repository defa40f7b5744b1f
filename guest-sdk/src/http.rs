//! HTTP to the upstreams that the operator granted, and to nothing else.
//!
//! ```
#![doc = include_str!("../examples/fetch.rs")]
//! ```
//!
//! `send` gives an answer that can be used, or fails: what the way, the
//! upstream or the host did is told apart, and `?` hands it to the host as a
//! [`TaskError`](crate::TaskError) with its class, its code, whether trying
//! again can help and when. A redirect and an answer with a status from 400 on are
//! failures too, [`HttpError::Status`], with the whole answer in it for whoever wants
//! to read it, or to follow [`Response::redirect`]. What failed on the way, the host saw as well: it decides whether the
//! task is tried again, whatever the plugin makes of it.
//!
//! There is nothing to set for retries, breakers, quotas or secrets: they are
//! the host's, for each upstream, and so are the time-outs, which a plugin can
//! only shorten for itself. A plugin never sees a key.
//!
//! Only a plugin that calls something here imports `wasi:http`.

mod address;
mod cause;
mod date;
mod error;
mod exchange;
mod refusal;
mod request;
mod response;
mod status;
mod wait;

pub use crate::bindings::wasi::http::types::Method;
pub use error::{Failed, HttpError};
pub use refusal::Refusal;
pub use request::{MAX_BODY, Request};
pub use response::Response;

/// Asks for what is at a URL.
pub fn get(url: &str) -> Request {
    Request::new(Method::Get, url)
}

/// Hands something to what is at a URL.
pub fn post(url: &str) -> Request {
    Request::new(Method::Post, url)
}

/// Puts something at a URL.
pub fn put(url: &str) -> Request {
    Request::new(Method::Put, url)
}

/// Takes away what is at a URL.
pub fn delete(url: &str) -> Request {
    Request::new(Method::Delete, url)
}
