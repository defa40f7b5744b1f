//! The parts of the standard world through which a guest hands bytes to the
//! host, each charged to the attempt's account before it is carried out.
//!
//! The runtime's own implementation does the work. It bounds what one object
//! holds, not how many there are: a thousand requests that are made and never
//! sent held gigabytes. Here every byte is charged, so nothing is held that
//! was not. The standard streams are left out: they keep as much as the log may
//! hold, and nothing of what goes over.

mod http;
mod stream;

pub(super) use http::{ChargedHttp, Http};
pub(super) use stream::{Charge, ChargedStream};
