//! What the host says of an exchange, as an error.

mod rows;

use super::refusal::{CONNECTIONS, DENIED};
use super::{Failed, HttpError, Refusal};
use crate::Category;
use crate::bindings::wasi::http::types::ErrorCode;

/// The host's error as the plugin's.
pub(super) fn cause(code: ErrorCode) -> HttpError {
    if let ErrorCode::InternalError(Some(text)) = code {
        return match Refusal::parse(&text) {
            Some(refusal) => HttpError::Refused(refusal),
            None => failed("http.internal", Category::System, None, text),
        };
    }
    let (name, category, retryable, words) = rows::row(&code);
    let message = match detail(&code) {
        Some(detail) => format!("{words}: {detail}"),
        None => words.to_owned(),
    };
    match name {
        DENIED | CONNECTIONS => HttpError::Refused(Refusal::new(name, &message)),
        name => failed(name, category, retryable, message),
    }
}

/// What else the host knows, in its own words.
fn detail(code: &ErrorCode) -> Option<&str> {
    match code {
        ErrorCode::DnsError(error) => error.rcode.as_deref(),
        ErrorCode::TlsAlertReceived(alert) => alert.alert_message.as_deref(),
        ErrorCode::HttpResponseTransferCoding(coding) | ErrorCode::HttpResponseContentCoding(coding) => {
            coding.as_deref()
        }
        _ => None,
    }
}

pub(super) fn failed(
    code: &str,
    category: Category,
    retryable: Option<bool>,
    message: impl Into<String>,
) -> HttpError {
    HttpError::Failed(Failed {
        code: code.into(),
        category,
        retryable,
        message: message.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TaskError;
    use crate::bindings::wasi::http::types::DnsErrorPayload;

    fn told(code: ErrorCode) -> (Category, String, Option<bool>) {
        let error = TaskError::from(cause(code));
        (error.category(), error.code().into(), error.retryable())
    }

    #[test]
    fn what_the_host_says_becomes_class_code_and_hint() {
        use Category::{Network, System, Timeout, Validation};
        use ErrorCode as E;
        for (code, category, name, retryable) in [
            (E::ConnectionRefused, Network, "http.connect", None),
            (E::ConnectionTerminated, Network, "http.reset", None),
            (E::TlsProtocolError, Network, "http.tls", None),
            (E::TlsCertificateError, Network, "http.certificate", Some(false)),
            (E::HttpResponseIncomplete, Network, "http.broken-body", None),
            (E::HttpProtocolError, Network, "http.protocol", None),
            (E::DestinationNotFound, Network, "http.unknown-host", Some(false)),
            (E::ConnectionTimeout, Timeout, "http.timeout", None),
            (E::DnsTimeout, Timeout, "http.dns", None),
            (E::HttpResponseTimeout, Timeout, "http.timeout", None),
            (E::HttpRequestDenied, Validation, "http.denied", Some(false)),
            (E::DestinationIpProhibited, Validation, "http.denied", Some(false)),
            (E::ConnectionLimitReached, System, "shed.connections", Some(true)),
            (
                E::HttpResponseBodySize(None),
                Validation,
                "limit.http-response",
                Some(false),
            ),
            (
                E::HttpRequestUriTooLong,
                Validation,
                "limit.http-request",
                Some(false),
            ),
            (E::InternalError(None), System, "http.internal", None),
        ] {
            let expected = (category, name.to_owned(), retryable);
            assert_eq!(told(code.clone()), expected, "{code:?}");
        }
    }

    #[test]
    fn an_internal_error_is_a_refusal_or_words() {
        let internal = |text: &str| told(ErrorCode::InternalError(Some(text.into())));
        assert_eq!(
            internal("fusebox-refusal: shed.breaker: open"),
            (Category::System, "shed.breaker".into(), Some(false))
        );
        assert_eq!(
            internal("it broke"),
            (Category::System, "http.internal".into(), None)
        );
    }

    #[test]
    fn the_hosts_own_words_are_told_as_well() {
        let code = ErrorCode::DnsError(DnsErrorPayload {
            rcode: Some("NXDOMAIN".into()),
            info_code: None,
        });
        let message = TaskError::from(cause(code)).message().to_owned();
        assert_eq!(message, "the upstream's name could not be looked up: NXDOMAIN");
    }
}
