//! What the host says of an exchange, as an error.

use super::refusal::{CONNECTIONS, DENIED};
use super::{Failed, HttpError, Refusal};
use crate::Category;
use crate::bindings::wasi::http::types::ErrorCode;

/// The host's error as the plugin's. Every code has its row, so that a new one
/// does not compile until it has.
pub(super) fn cause(code: ErrorCode) -> HttpError {
    use ErrorCode as E;
    let message = words(&code);
    match code {
        E::HttpRequestDenied | E::DestinationIpProhibited => {
            HttpError::Refused(Refusal::new(DENIED, &message))
        }
        E::ConnectionLimitReached => HttpError::Refused(Refusal::new(CONNECTIONS, &message)),
        E::InternalError(Some(text)) => match Refusal::parse(&text) {
            Some(refusal) => HttpError::Refused(refusal),
            None => failed("http.internal", Category::System, None, text),
        },
        E::InternalError(None) => failed("http.internal", Category::System, None, message),
        code => {
            let (name, category, retryable) = row(&code);
            failed(name, category, Some(retryable), message)
        }
    }
}

/// Name, class, and whether trying again can help.
fn row(code: &ErrorCode) -> (&'static str, Category, bool) {
    use Category::{Network, System, Timeout, Validation};
    use ErrorCode as E;
    match code {
        E::DnsTimeout => ("http.dns", Timeout, true),
        E::DnsError(_) | E::DestinationNotFound => ("http.dns", Network, true),
        E::ConnectionTimeout => ("http.connect", Timeout, true),
        E::DestinationUnavailable | E::DestinationIpUnroutable | E::ConnectionRefused => {
            ("http.connect", Network, true)
        }
        E::TlsProtocolError | E::TlsCertificateError | E::TlsAlertReceived(_) => ("http.tls", Network, true),
        E::ConnectionTerminated => ("http.reset", Network, true),
        E::ConnectionReadTimeout | E::ConnectionWriteTimeout | E::HttpResponseTimeout => {
            ("http.timeout", Timeout, true)
        }
        E::HttpResponseIncomplete => ("http.incomplete", Network, true),
        E::HttpResponseBodySize(_) => ("http.body-size", Validation, false),
        E::HttpResponseHeaderSectionSize(_)
        | E::HttpResponseHeaderSize(_)
        | E::HttpResponseTrailerSectionSize(_)
        | E::HttpResponseTrailerSize(_)
        | E::HttpResponseTransferCoding(_)
        | E::HttpResponseContentCoding(_)
        | E::HttpUpgradeFailed
        | E::HttpProtocolError => ("http.response", Network, true),
        E::HttpRequestLengthRequired
        | E::HttpRequestBodySize(_)
        | E::HttpRequestMethodInvalid
        | E::HttpRequestUriInvalid
        | E::HttpRequestUriTooLong
        | E::HttpRequestHeaderSectionSize(_)
        | E::HttpRequestHeaderSize(_)
        | E::HttpRequestTrailerSectionSize(_)
        | E::HttpRequestTrailerSize(_) => ("http.request", Validation, false),
        E::LoopDetected => ("http.loop", Network, false),
        E::ConfigurationError => ("http.configuration", System, false),
        E::HttpRequestDenied | E::DestinationIpProhibited => (DENIED, Validation, false),
        E::ConnectionLimitReached => (CONNECTIONS, System, true),
        E::InternalError(_) => ("http.internal", System, true),
    }
}

/// What a person is told. The names of the contract say it well.
fn words(code: &ErrorCode) -> String {
    match code {
        ErrorCode::HttpRequestDenied => {
            "the host does not let this address be called; grant its upstream with `grants.upstreams`".into()
        }
        ErrorCode::DestinationIpProhibited => "the address leads where nothing may be called".into(),
        ErrorCode::ConnectionLimitReached => "as many requests are open as may be".into(),
        code => format!("{code:?}"),
    }
}

pub(super) fn failed(
    code: &'static str,
    category: Category,
    retryable: Option<bool>,
    message: impl Into<String>,
) -> HttpError {
    HttpError::Failed(Failed {
        code,
        category,
        retryable,
        message: message.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TaskError;

    #[test]
    fn what_the_host_says_becomes_class_code_and_hint() {
        let internal = |text: &str| ErrorCode::InternalError(Some(text.into()));
        for (code, category, name, retryable) in [
            (
                ErrorCode::ConnectionRefused,
                Category::Network,
                "http.connect",
                Some(true),
            ),
            (ErrorCode::DnsTimeout, Category::Timeout, "http.dns", Some(true)),
            (
                ErrorCode::HttpResponseTimeout,
                Category::Timeout,
                "http.timeout",
                Some(true),
            ),
            (
                ErrorCode::HttpRequestDenied,
                Category::Validation,
                "http.denied",
                Some(false),
            ),
            (
                ErrorCode::DestinationIpProhibited,
                Category::Validation,
                "http.denied",
                Some(false),
            ),
            (
                ErrorCode::ConnectionLimitReached,
                Category::System,
                "shed.connections",
                Some(true),
            ),
            (
                internal("shed.breaker: open"),
                Category::System,
                "shed.breaker",
                Some(false),
            ),
            (internal("it broke"), Category::System, "http.internal", None),
            (
                ErrorCode::HttpRequestUriTooLong,
                Category::Validation,
                "http.request",
                Some(false),
            ),
        ] {
            let shown = format!("{code:?}");
            let error = TaskError::from(cause(code));
            assert_eq!(
                (error.category(), error.code(), error.retryable()),
                (category, name, retryable),
                "{shown}"
            );
        }
    }
}
