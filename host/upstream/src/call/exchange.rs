//! A request sent and the head of its answer received, on a connection of its
//! own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::headers::{self, MAX_HEADER_BYTES, MAX_HEADERS};
use super::plain_body::PlainBody;
use super::progress::Progress;
use super::request_body::RequestBody;
use super::{BoxError, CallFault, Phase, Terms, Upstream};
use crate::connect::{Resolve, Stream, connect};

/// Most bytes that are read ahead of whoever reads the body.
const BUFFER: usize = 2 * MAX_HEADER_BYTES;
/// Most interim answers (RFC 9110, 15.2) before the answer itself. Each costs the
/// host's time and says nothing that anybody here waits for.
const MAX_INTERIM: u32 = 64;

/// What drives a connection. Without it the connection is closed.
pub(super) struct Connection(JoinHandle<()>);

impl Connection {
    /// Closes it when too many interim answers come to a request.
    fn bound_interim_answers<B>(&self, request: &mut Request<B>, progress: Arc<Progress>) {
        let driver = self.0.abort_handle();
        let seen = AtomicU32::new(0);
        hyper::ext::on_informational(request, move |_| {
            if seen.fetch_add(1, Ordering::Relaxed) >= MAX_INTERIM {
                let why = format!("it sent more than {MAX_INTERIM} interim answers");
                progress.faulty(CallFault::Protocol(why));
                driver.abort();
            }
        });
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Connects, sends a request, and waits for the head of its answer.
pub(super) async fn exchange<B>(
    upstream: &Upstream,
    request: Request<B>,
    terms: &Terms,
    resolver: &impl Resolve,
    progress: &Arc<Progress>,
) -> Result<(Response<PlainBody>, Connection), CallFault>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (head, body) = request.into_parts();
    let head = headers::for_upstream(upstream, head)?;
    let most = terms.most_sent(&upstream.limits);
    let body = RequestBody::new(body, head.length, most, progress.clone())?;
    let mut request = head.request.map(|()| body);
    let is_head = request.method() == http::Method::HEAD;
    let (sender, connection) = open(upstream, terms, resolver).await?;
    connection.bound_interim_answers(&mut request, progress.clone());
    let response = answer(upstream, terms, progress, sender, request).await?;
    let most = terms.most_received(&upstream.limits);
    check(&response, is_head, most)?;
    Ok((PlainBody::of(response, most), connection))
}

/// Makes a connection for one request. Nothing is sent yet.
async fn open<B>(
    upstream: &Upstream,
    terms: &Terms,
    resolver: &impl Resolve,
) -> Result<(SendRequest<B>, Connection), CallFault>
where
    B: Body<Data = Bytes, Error = BoxError> + Send + 'static,
{
    let now = Instant::now();
    let patience = terms.patience(Phase::Connect, &upstream.timeouts, now);
    // Not the patience's own end: a guest in a hurry must not make an address
    // fail that is only not there yet.
    let until = now + upstream.timeouts.connect;
    let stream = connect(
        upstream.address(),
        upstream.network,
        upstream.tls(),
        resolver,
        until,
    );
    match patience.with(stream).await?? {
        Stream::Plain(stream) => handshake(stream).await,
        Stream::Tls(stream) => handshake(*stream).await,
    }
}

/// Speaks HTTP/1.1 on a connection.
async fn handshake<S, B>(stream: S) -> Result<(SendRequest<B>, Connection), CallFault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    B: Body<Data = Bytes, Error = BoxError> + Send + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEADER_BYTES)
        .max_buf_size(BUFFER)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| CallFault::Reset {
            why: error.to_string(),
            guest_was_late: false,
        })?;
    // Its errors come to whoever waits for the answer or reads its body.
    let driver = tokio::spawn(async move { drop(connection.await) });
    Ok((sender, Connection(driver)))
}

/// Sends the request and waits for the head of the answer. As long as the guest
/// itself is waited for, the upstream's time does not run.
async fn answer<B>(
    upstream: &Upstream,
    terms: &Terms,
    progress: &Progress,
    mut sender: SendRequest<B>,
    request: Request<B>,
) -> Result<Response<Incoming>, CallFault>
where
    B: Body<Data = Bytes, Error = BoxError> + Send + 'static,
{
    progress.sending();
    let mut response = std::pin::pin!(sender.send_request(request));
    loop {
        let since = progress.upstream_waited_for_since();
        let patience = terms.patience(Phase::FirstByte, &upstream.timeouts, since);
        match patience.with(response.as_mut()).await {
            Ok(response) => {
                return response.map_err(|error| fault(&error, progress));
            }
            Err(over) => {
                let since = progress.upstream_waited_for_since();
                let now = terms.patience(Phase::FirstByte, &upstream.timeouts, since);
                if now.until <= Instant::now() {
                    return Err(over);
                }
            }
        }
    }
}

/// Whether the body may be read at all.
fn check(response: &Response<Incoming>, is_head: bool, most: u64) -> Result<(), CallFault> {
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Err(CallFault::Protocol("it changes to another protocol".into()));
    }
    if !is_head && response.body().size_hint().lower() > most {
        return Err(CallFault::AnswerBody { most });
    }
    Ok(())
}

/// What went wrong before there was an answer.
fn fault(error: &hyper::Error, progress: &Progress) -> CallFault {
    if let Some(fault) = progress.fault() {
        return fault;
    }
    if error.is_parse_too_large() {
        return CallFault::AnswerHeaders;
    }
    let why = fusebox_types::failure::causes(error);
    if error.is_parse() {
        CallFault::Protocol(why)
    } else if error.is_user() {
        CallFault::Request(why)
    } else {
        let guest_was_late = progress.is_guest_late();
        CallFault::Reset { why, guest_was_late }
    }
}
