//! What a guest is told when there is no answer: one of the errors that `wasi:http`
//! has, and for what has none a text of one form.
//!
//! ```text
//! fusebox-refusal: <code>[; retry-after-ms=<number>]: <message>
//! fusebox-refusal: shed.breaker; retry-after-ms=60000: the breaker of `glm` is open
//! ```
//!
//! The text stands in `internal-error`. Only the host's own refusals are told so, so
//! nothing that a service says can be taken for one.

use wasmtime_wasi_http::Error;

use crate::gateway::Unanswered;
use fusebox_types::failure::{Code, Failure};
use fusebox_upstream::call::{CallFault, Phase, RequestPart};
use fusebox_upstream::connect::ConnectError;

/// What the text of a refusal begins with.
const REFUSAL: &str = "fusebox-refusal: ";

/// Why there is no answer, as a guest is told.
pub(super) fn told(unanswered: &Unanswered) -> Error {
    match unanswered {
        Unanswered::Refused(refused) => refusal(refused),
        Unanswered::Call(fault) => of_call(fault),
    }
}

/// That the host did not send a request.
pub(super) fn refusal(refused: &Failure) -> Error {
    match refused.code {
        Code::DeniedUpstream | Code::DeniedRequest | Code::DeniedHeader => Error::HttpRequestDenied,
        Code::DeniedAddress => Error::DestinationIpProhibited,
        Code::ShedQueue => Error::ConnectionLimitReached,
        _ => in_words(refused),
    }
}

/// What has no error of its own.
fn in_words(refused: &Failure) -> Error {
    let wait = refused.retry_after_ms;
    let wait = wait.map_or(String::new(), |ms| format!("; retry-after-ms={ms}"));
    let text = format!("{REFUSAL}{}{wait}: {}", refused.code, refused.message);
    Error::InternalError(Some(text))
}

/// What became of a call.
pub(super) fn of_call(fault: &CallFault) -> Error {
    match fault {
        CallFault::Connect(error) => of_connection(error),
        CallFault::Reset { .. } => Error::ConnectionTerminated,
        CallFault::Protocol(_) => Error::HttpProtocolError,
        CallFault::BrokenBody { .. } => Error::HttpResponseIncomplete,
        CallFault::BrokenCoding { coding, .. } => {
            Error::HttpResponseContentCoding(Some((*coding).to_owned()))
        }
        CallFault::Undecodable { coding } => Error::HttpResponseContentCoding(Some(coding.clone())),
        CallFault::TimedOut { phase, .. } => match phase {
            Phase::Connect => Error::ConnectionTimeout,
            Phase::FirstByte => Error::HttpResponseTimeout,
            Phase::BetweenBytes => Error::ConnectionReadTimeout,
        },
        CallFault::Header { .. } => Error::HttpRequestDenied,
        CallFault::RequestTooLarge { part, most } => match part {
            RequestPart::Path => Error::HttpRequestUriTooLong,
            RequestPart::Head => Error::HttpRequestHeaderSectionSize(u32::try_from(*most).ok()),
            RequestPart::Body => Error::HttpRequestBodySize(Some(*most)),
        },
        CallFault::Request(_) => in_words(&Failure::new(fault.code(), fault.to_string())),
        CallFault::AnswerHeaders => Error::HttpResponseHeaderSectionSize(None),
        CallFault::AnswerBody { most } => Error::HttpResponseBodySize(Some(*most)),
    }
}

fn of_connection(error: &ConnectError) -> Error {
    match error {
        ConnectError::Resolve { .. } => Error::DnsError {
            rcode: None,
            info_code: None,
        },
        ConnectError::UnknownHost { .. } => Error::DestinationNotFound,
        ConnectError::Denied { .. } => Error::DestinationIpProhibited,
        ConnectError::Connect { .. } => Error::ConnectionRefused,
        ConnectError::Tls { .. } => Error::TlsProtocolError,
        ConnectError::Certificate { .. } => Error::TlsCertificateError,
    }
}
