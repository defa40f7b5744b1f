//! One request to an upstream, and how it ended.

mod answer_body;
mod coding;
mod ending;
mod exchange;
mod fault;
mod headers;
mod patience;
mod plain_body;
mod progress;
mod request_body;
mod service;

pub use answer_body::AnswerBody;
pub use ending::{CallState, Count, End, Ending, How};
pub use fault::{CallFailure, CallFault, Phase, RequestPart, Whose};
pub use patience::{GuestTimeouts, Terms};
pub use service::{Upstream, UpstreamError};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;

use super::connect::{Resolve, SystemResolver};

/// What a guest's body may fail with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Sends requests to upstreams.
#[derive(Debug, Clone, Default)]
pub struct Caller<R = SystemResolver> {
    resolver: R,
}

impl<R: Resolve> Caller<R> {
    /// Sends requests, with names resolved by this resolver.
    pub const fn new(resolver: R) -> Self {
        Self { resolver }
    }

    /// Sends one request. The upstream has been chosen for it, and may be asked:
    /// what it may be asked, how often, and whether its breaker is closed has
    /// been settled before. A redirect is an answer like any other.
    ///
    /// `ending` is told how it ended exactly once: here if there is no answer,
    /// and otherwise when the answer's body ends or is dropped. It is also told
    /// when this future is dropped.
    ///
    /// # Errors
    /// If there is no answer. The failure says whether the request may have been
    /// sent.
    pub async fn send<B>(
        &self,
        upstream: &Upstream,
        request: Request<B>,
        terms: Terms,
        ending: Ending,
    ) -> Result<Response<AnswerBody>, CallFailure>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let progress = ending.progress().clone();
        match exchange::exchange(upstream, request, &terms, &self.resolver, &progress).await {
            Ok((response, connection)) => {
                let (mut head, body) = response.into_parts();
                progress.answered();
                headers::for_guest(upstream, &mut head.headers, !body.is_end_stream());
                let body = AnswerBody::new(body, connection, upstream, &terms, &head, ending);
                Ok(Response::from_parts(head, body))
            }
            Err(fault) => {
                ending.failed(fault.clone());
                let sent = progress.is_sent();
                Err(CallFailure { fault, sent })
            }
        }
    }
}

#[cfg(test)]
mod tests;
