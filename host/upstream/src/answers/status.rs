//! What a status means by itself.

use http::StatusCode;

use crate::rules::AnswerCode;

/// What a status means from 400 on; none below.
pub(super) fn meaning(status: StatusCode) -> Option<AnswerCode> {
    Some(match status.as_u16() {
        401 | 403 | 407 => AnswerCode::Auth,
        402 => AnswerCode::Billing,
        // The server gave up waiting for the request: it is busy, or we were.
        408 => AnswerCode::ServerError,
        425 | 429 => AnswerCode::Throttled,
        // 529 is what some APIs say in place of 503.
        503 | 529 => AnswerCode::Overloaded,
        // What is not implemented will not be, however often one asks.
        501 | 505 => AnswerCode::ClientError,
        400..=499 => AnswerCode::ClientError,
        500..=599 => AnswerCode::ServerError,
        _ => return None,
    })
}
