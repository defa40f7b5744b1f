//! The heads of requests and answers: what goes through, what does not, and what
//! the host puts in.

use std::borrow::Cow;

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Request, Uri, Version, request};

use super::{CallFault, RequestPart, Upstream};
use fusebox_secrets::Redactor;

/// Longest path and query, in bytes. Servers commonly take 8 KiB.
const MAX_TARGET: usize = 8 << 10;
/// Most bytes of all headers, in either direction.
pub(super) const MAX_HEADER_BYTES: usize = 64 << 10;
/// Most headers, in either direction.
pub(super) const MAX_HEADERS: usize = 128;

/// Headers that are about the connection, which the host makes (RFC 9110, 7.6.1,
/// and those that old proxies know).
const HOP_BY_HOP: [&str; 11] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "expect",
];

/// The head of a request as it is sent, and the length of the body that it
/// announces.
pub(super) struct Head {
    pub(super) request: Request<()>,
    pub(super) length: Option<u64>,
}

/// Makes the head that is sent of the one that the guest wrote.
pub(super) fn for_upstream(upstream: &Upstream, from: request::Parts) -> Result<Head, CallFault> {
    let target = from.uri.path_and_query().map_or("/", |target| target.as_str());
    if target.len() > MAX_TARGET {
        return Err(too_large(RequestPart::Path, MAX_TARGET));
    }
    let mut headers = from.headers;
    if headers.len() > MAX_HEADERS || bytes(&headers) > MAX_HEADER_BYTES {
        return Err(too_large(RequestPart::Head, MAX_HEADER_BYTES));
    }
    if headers.contains_key(header::HOST) {
        return Err(refused(&header::HOST, "the host sets itself"));
    }
    let length = length(&headers)?;
    strip(&mut headers);
    put_in(upstream, &mut headers)?;
    let uri = Uri::try_from(target).map_err(|error| CallFault::Request(error.to_string()))?;
    let mut request = Request::new(());
    *request.method_mut() = from.method;
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_11;
    *request.headers_mut() = headers;
    Ok(Head { request, length })
}

/// Takes out of an answer what is about the connection, and secrets that were
/// sent and come back. With those in it, its body may have another length.
pub(super) fn for_guest(upstream: &Upstream, headers: &mut HeaderMap, has_body: bool) {
    strip(headers);
    if let Some(redactor) = upstream.redactor() {
        hide(redactor, headers);
        if has_body {
            headers.remove(header::CONTENT_LENGTH);
        }
    }
}

/// Takes secrets out of headers. A name that shows one goes with its value.
pub(super) fn hide(redactor: &Redactor, headers: &mut HeaderMap) {
    let shows = |name: &&HeaderName| !redactor.is_clean(name.as_str().as_bytes());
    let showing: Vec<HeaderName> = headers.keys().filter(shows).cloned().collect();
    for name in showing {
        headers.remove(name);
    }
    for value in headers.values_mut() {
        if let Cow::Owned(clean) = redactor.bytes(value.as_bytes()) {
            *value = HeaderValue::try_from(clean).unwrap_or_else(|_| HeaderValue::from_static(""));
        }
    }
}

/// Puts in what the host sets: the operator's headers, and its own.
fn put_in(upstream: &Upstream, headers: &mut HeaderMap) -> Result<(), CallFault> {
    if let Some((name, _)) = upstream.headers().find(|(name, _)| headers.contains_key(*name)) {
        return Err(refused(
            name,
            "the configuration of the upstream sets itself; leave it out",
        ));
    }
    headers.extend(
        upstream
            .headers()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    let host = HeaderValue::try_from(upstream.address().authority());
    headers.insert(
        header::HOST,
        host.map_err(|error| CallFault::Request(error.to_string()))?,
    );
    // What comes packed all the same is unpacked, which takes the guest's time.
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let own = HeaderValue::from_static(concat!("fusebox/", env!("CARGO_PKG_VERSION")));
    headers.entry(header::USER_AGENT).or_insert(own);
    Ok(())
}

/// The length that the guest announces. Every server has to read the same.
fn length(headers: &HeaderMap) -> Result<Option<u64>, CallFault> {
    let mut said = headers.get_all(header::CONTENT_LENGTH).iter();
    let Some(first) = said.next() else { return Ok(None) };
    let digits = first
        .to_str()
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    match digits.and_then(|digits| digits.parse().ok()) {
        Some(length) if said.next().is_none() => Ok(Some(length)),
        _ => Err(CallFault::Request(
            "its `content-length` is not one number".into(),
        )),
    }
}

/// Takes out what is about the connection, what `connection` names included.
fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Bytes of all headers, with what HTTP puts between.
fn bytes(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len())
        .sum()
}

fn too_large(part: RequestPart, most: usize) -> CallFault {
    let most = most as u64;
    CallFault::RequestTooLarge { part, most }
}

fn refused(name: &HeaderName, why: &'static str) -> CallFault {
    let name = name.to_string();
    CallFault::Header { name, why }
}
