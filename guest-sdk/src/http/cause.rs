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
            Some(told) if told.is_on_the_way() => {
                let retryable = rows::on_the_way(&told.code);
                failed(&told.code, Category::Network, retryable, told.message)
            }
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
            (E::DnsTimeout, Timeout, "http.dns", None),
            (E::HttpResponseTimeout, Timeout, "http.timeout", None),
            (E::HttpRequestDenied, Validation, "http.denied", Some(false)),
            (E::DestinationIpProhibited, Validation, "http.denied", Some(false)),
            (E::ConnectionLimitReached, System, "shed.connections", Some(true)),
            (
                E::HttpResponseBodySize(None),
                Validation,
                "http.body-size",
                Some(false),
            ),
            (E::HttpRequestUriTooLong, Validation, "http.request", Some(false)),
            (E::InternalError(None), System, "http.internal", None),
        ] {
            let expected = (category, name.to_owned(), retryable);
            assert_eq!(told(code.clone()), expected, "{code:?}");
        }
    }

    /// Only the host knows what of it may be done twice.
    #[test]
    fn what_failed_on_the_way_is_no_refusal_and_the_host_decides() {
        for (name, retryable) in [
            ("http.dns", None),
            ("http.unknown-host", Some(false)),
            ("http.connect", None),
            ("http.tls", None),
            ("http.certificate", Some(false)),
            ("http.reset", None),
            ("http.timeout", None),
            ("http.protocol", None),
            ("http.broken-body", None),
            ("http.of-a-later-host", None),
        ] {
            let text = format!("{name}: upstream api: it broke off");
            let HttpError::Failed(failed) = cause(ErrorCode::InternalError(Some(text))) else {
                panic!("{name} is a refusal");
            };
            assert_eq!(failed.message, "upstream api: it broke off");
            let error = TaskError::from(failed);
            assert_eq!((error.category(), error.code()), (Category::Network, name));
            assert_eq!(error.retryable(), retryable, "{name}");
        }
    }

    #[test]
    fn an_internal_error_is_a_refusal_or_words() {
        let internal = |text: &str| told(ErrorCode::InternalError(Some(text.into())));
        assert_eq!(
            internal("shed.breaker: open"),
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
        assert_eq!(message, "the upstream's name has no address: NXDOMAIN");
    }
}
