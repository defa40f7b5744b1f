//! One request and its answer over `wasi:http`.
//!
//! Each loop waits at the host, where no fuel is burned, before it goes round.

use super::address::Address;
use super::cause::{cause, failed};
use super::{HttpError, Request, Response};
use crate::Category;
use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, HeaderError, IncomingBody, IncomingResponse, OutgoingBody,
    OutgoingRequest, RequestOptions, http_error_code,
};
use crate::bindings::wasi::io::streams::{InputStream, StreamError};

/// What `blocking-write-and-flush` takes at most, by its contract.
const WRITE_BYTES: usize = 4096;
/// How much is read at once.
const READ_BYTES: u64 = 64 << 10;

pub(super) fn exchange(request: &Request) -> Result<Response, HttpError> {
    let outgoing = outgoing(request)?;
    let body = match &request.body {
        Some(bytes) => Some((outgoing.body().map_err(|()| broken("no body"))?, bytes)),
        None => None,
    };
    let pending = outgoing_handler::handle(outgoing, options(request)?).map_err(cause)?;
    // After `handle`, because only then somebody takes it in.
    if let Some((body, bytes)) = body {
        write(body, bytes)?;
    }
    read(&wait(&pending)?, request.max_body)
}

fn outgoing(request: &Request) -> Result<OutgoingRequest, HttpError> {
    let address = Address::of(&request.url).map_err(|reason| not_a_url(&request.url, reason))?;
    let outgoing = OutgoingRequest::new(headers(request)?);
    let unfit = |()| not_a_url(&request.url, "it has characters that do not belong there");
    outgoing
        .set_method(&request.method)
        .map_err(|()| HttpError::Request("the method is none".into()))?;
    outgoing.set_scheme(Some(&address.scheme)).map_err(unfit)?;
    outgoing.set_authority(Some(address.authority)).map_err(unfit)?;
    outgoing
        .set_path_with_query(Some(&address.path_with_query))
        .map_err(unfit)?;
    Ok(outgoing)
}

/// Whole nanoseconds, as `wasi:http` counts; what does not fit is no limit.
fn options(request: &Request) -> Result<Option<RequestOptions>, HttpError> {
    let Some(timeout) = request.timeout.and_then(|t| u64::try_from(t.as_nanos()).ok()) else {
        return Ok(None);
    };
    let options = RequestOptions::new();
    options
        .set_connect_timeout(Some(timeout))
        .and_then(|()| options.set_first_byte_timeout(Some(timeout)))
        .and_then(|()| options.set_between_bytes_timeout(Some(timeout)))
        .map_err(|()| broken("no time-outs"))?;
    Ok(Some(options))
}

fn headers(request: &Request) -> Result<Fields, HttpError> {
    let fields = Fields::new();
    for (name, value) in &request.headers {
        fields.append(name, value).map_err(|error| {
            let why = match error {
                HeaderError::InvalidSyntax => "has characters that do not belong there",
                HeaderError::Forbidden => "is the host's to set",
                HeaderError::Immutable => "cannot be set",
            };
            HttpError::Request(format!("the header `{name}` {why}"))
        })?;
    }
    Ok(fields)
}

/// Writes the body to its end. An upstream that wants no more of it has
/// answered or is gone; the answer says which, so that is no failure yet.
fn write(body: OutgoingBody, bytes: &[u8]) -> Result<(), HttpError> {
    let stream = body.write().map_err(|()| broken("no stream for the body"))?;
    let written = bytes
        .chunks(WRITE_BYTES)
        .try_for_each(|chunk| stream.blocking_write_and_flush(chunk));
    drop(stream);
    if written.is_ok() {
        // What is wrong at the end is said by the answer as well.
        let _ = OutgoingBody::finish(body, None);
    }
    Ok(())
}

fn wait(pending: &FutureIncomingResponse) -> Result<IncomingResponse, HttpError> {
    let ready = pending.subscribe();
    loop {
        ready.block();
        if let Some(answer) = pending.get() {
            return answer
                .map_err(|()| broken("the answer was taken twice"))?
                .map_err(cause);
        }
    }
}

fn read(response: &IncomingResponse, limit: usize) -> Result<Response, HttpError> {
    let status = response.status();
    let headers = response.headers().entries();
    let body: IncomingBody = response.consume().map_err(|()| broken("no body"))?;
    let stream = body.stream().map_err(|()| broken("no stream of the body"))?;
    let bytes = read_to_end(&stream, limit)?;
    Ok(Response::from_parts(status, headers, bytes))
}

fn read_to_end(stream: &InputStream, limit: usize) -> Result<Vec<u8>, HttpError> {
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(READ_BYTES) {
            Ok(chunk) if chunk.len() > limit - bytes.len() => return Err(HttpError::TooLarge(limit)),
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(error)) => {
                let code = http_error_code(&error).unwrap_or(ErrorCode::HttpResponseIncomplete);
                return Err(cause(code));
            }
        }
    }
}

fn not_a_url(url: &str, reason: &str) -> HttpError {
    HttpError::Request(format!("`{url}` cannot be called: {reason}"))
}

/// The host does not keep the contract of `wasi:http`.
fn broken(what: &str) -> HttpError {
    failed("http.internal", Category::System, None, what)
}
