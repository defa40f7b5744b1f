//! The codes of `wasi:http`, each with its row, so that a new one does not
//! compile until it has one.

use crate::Category;
use crate::bindings::wasi::http::types::ErrorCode;
use crate::http::refusal::{CONNECTIONS, DENIED};

/// Name, class, whether trying again can help, and words for a person.
type Row = (&'static str, Category, Option<bool>, &'static str);

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);
/// The host decides, who knows what was sent. A plain yes would say that a
/// plugin whose requests do something may do it twice.
const HOST: Option<bool> = None;

pub(super) fn row(code: &ErrorCode) -> Row {
    use Category::{Network, System, Timeout, Validation};
    use ErrorCode as E;
    match code {
        E::DnsTimeout => (
            "http.dns",
            Timeout,
            HOST,
            "the upstream's name was looked up for too long",
        ),
        E::DnsError(_) => (
            "http.dns",
            Network,
            HOST,
            "the upstream's name could not be looked up",
        ),
        E::DestinationNotFound => (
            UNKNOWN_HOST,
            Network,
            NO,
            "the upstream's name does not exist, or has no address",
        ),
        E::ConnectionTimeout => (
            "http.timeout",
            Timeout,
            HOST,
            "the upstream took too long to be connected to",
        ),
        E::ConnectionRefused => (
            "http.connect",
            Network,
            HOST,
            "the upstream refused the connection",
        ),
        E::DestinationUnavailable | E::DestinationIpUnroutable => {
            ("http.connect", Network, HOST, "the upstream cannot be reached")
        }
        E::TlsProtocolError | E::TlsAlertReceived(_) => (
            "http.tls",
            Network,
            HOST,
            "no secure connection to the upstream came about",
        ),
        E::TlsCertificateError => (CERTIFICATE, Network, NO, "the upstream's certificate is not good"),
        E::ConnectionTerminated => (
            "http.reset",
            Network,
            HOST,
            "the upstream broke the connection off",
        ),
        E::ConnectionReadTimeout | E::HttpResponseTimeout => (
            "http.timeout",
            Timeout,
            HOST,
            "the upstream took too long to answer",
        ),
        E::ConnectionWriteTimeout => (
            "http.timeout",
            Timeout,
            HOST,
            "the upstream took the request in too slowly",
        ),
        E::HttpResponseIncomplete => (
            "http.broken-body",
            Network,
            HOST,
            "the upstream's answer ends too early",
        ),
        E::HttpResponseBodySize(_) => (
            "limit.http-response",
            Validation,
            NO,
            "the upstream's answer is too long",
        ),
        E::HttpResponseHeaderSectionSize(_)
        | E::HttpResponseHeaderSize(_)
        | E::HttpResponseTrailerSectionSize(_)
        | E::HttpResponseTrailerSize(_) => (
            "limit.http-response",
            Validation,
            NO,
            "the headers of the upstream's answer are too long",
        ),
        E::HttpResponseTransferCoding(_) | E::HttpResponseContentCoding(_) => (
            "http.protocol",
            Network,
            HOST,
            "the coding of the upstream's answer is not known",
        ),
        E::HttpUpgradeFailed | E::HttpProtocolError => (
            "http.protocol",
            Network,
            HOST,
            "what the upstream sent is no HTTP, or not all of it",
        ),
        E::HttpRequestLengthRequired => (
            "http.request",
            Validation,
            NO,
            "the request has to tell its length",
        ),
        E::HttpRequestBodySize(_) => (TOO_LONG, Validation, NO, "the request's body is too long"),
        E::HttpRequestMethodInvalid => ("http.request", Validation, NO, "the request's method is none"),
        E::HttpRequestUriInvalid => ("http.request", Validation, NO, "the request's URL is none"),
        E::HttpRequestUriTooLong => (TOO_LONG, Validation, NO, "the request's URL is too long"),
        E::HttpRequestHeaderSectionSize(_)
        | E::HttpRequestHeaderSize(_)
        | E::HttpRequestTrailerSectionSize(_)
        | E::HttpRequestTrailerSize(_) => (TOO_LONG, Validation, NO, "the request's headers are too long"),
        E::LoopDetected => ("http.loop", Network, NO, "the request would go round in a circle"),
        E::ConfigurationError => (
            "http.configuration",
            System,
            NO,
            "the host is not set up for this",
        ),
        E::InternalError(_) => ("http.internal", System, None, "the host failed"),
        E::HttpRequestDenied => (DENIED, Validation, NO, NOT_GRANTED),
        E::DestinationIpProhibited => (
            DENIED,
            Validation,
            NO,
            "the address leads where nothing may be called",
        ),
        E::ConnectionLimitReached => (CONNECTIONS, System, YES, "as many requests are open as may be"),
    }
}

/// The code of an upstream that cannot be trusted.
const CERTIFICATE: &str = "http.certificate";
/// The code of an upstream whose name does not exist.
const UNKNOWN_HOST: &str = "http.unknown-host";
/// The code of a request that is too large.
const TOO_LONG: &str = "limit.http-request";
const NOT_GRANTED: &str =
    "the host does not let this address be called; grant its upstream to the agent in `grants.upstreams`";
