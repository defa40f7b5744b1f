//! What can go wrong with a call.

use std::fmt;

use crate::connect::ConnectError;
use fusebox_types::failure::{Code, printable};
use fusebox_types::units::show_size;

/// Why there is no answer, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct CallFailure {
    /// What went wrong.
    pub fault: CallFault,
    /// Whether the request may have been sent. If not, it certainly was not.
    pub sent: bool,
}

/// What went wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallFault {
    /// There is no connection.
    #[error("{0}")]
    Connect(#[from] ConnectError),
    /// The connection ended before there was an answer.
    #[error("the upstream closed the connection before it answered: {why}")]
    Reset {
        /// Why.
        why: String,
        /// Whether the guest had not yet said all of its request: the upstream
        /// may have waited for that too long.
        guest_was_late: bool,
    },
    /// The answer is no HTTP/1.1.
    #[error("what the upstream answered is no HTTP/1.1: {0}")]
    Protocol(String),
    /// The answer's body broke off.
    #[error("the answer broke off after {received} bytes: {why}")]
    BrokenBody {
        /// Bytes that were received.
        received: u64,
        /// Why.
        why: String,
    },
    /// The answer's body is packed as was not asked for, and not wholly or not rightly.
    #[error("the answer is encoded as {coding}, which is broken after {received} bytes of text: {why}")]
    BrokenCoding {
        /// The content coding.
        coding: &'static str,
        /// Bytes that could be read of it.
        received: u64,
        /// Why not more.
        why: String,
    },
    /// The answer's body is packed in a way that cannot be read.
    #[error("the answer is encoded as `{}`, which was not asked for and cannot be read", printable(.coding))]
    Undecodable {
        /// The content coding, as the upstream names it.
        coding: String,
    },
    /// A part of the call took too long.
    #[error("{phase} took longer than {whose}")]
    TimedOut {
        /// Which part.
        phase: Phase,
        /// Whose time limit it was.
        whose: Whose,
    },
    /// The request has a header that it may not have.
    #[error("the request has the header `{}`, which {why}", printable(.name))]
    Header {
        /// The header's name.
        name: String,
        /// Why it may not.
        why: &'static str,
    },
    /// The request's address, headers or body are too large.
    #[error("the request's {part} is larger than {}", show_size(*.most))]
    RequestTooLarge {
        /// Which part of it.
        part: RequestPart,
        /// Most bytes.
        most: u64,
    },
    /// The request cannot be sent as it is, or its body is not what was
    /// announced.
    #[error("the request cannot be sent: {0}")]
    Request(String),
    /// The answer's headers are too many or too large.
    #[error("the answer's headers are too many or too large")]
    AnswerHeaders,
    /// The answer's body is too large.
    #[error("the answer's body is larger than {}", show_size(*.most))]
    AnswerBody {
        /// Most bytes.
        most: u64,
    },
}

/// A part of a request that has a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestPart {
    /// The path with the query.
    Path,
    /// The headers together.
    Head,
    /// The body.
    Body,
}

/// A part of a call that has a time limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The name, the connection and TLS.
    Connect,
    /// The wait for the head of the answer.
    FirstByte,
    /// The wait for the next bytes of the answer.
    BetweenBytes,
}

/// Whose time limit it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The upstream's own, in the configuration.
    Upstream,
    /// One that the guest asked for.
    Guest,
    /// The attempt's deadline.
    Attempt,
}

impl CallFault {
    /// The failure's code.
    pub const fn code(&self) -> Code {
        match self {
            Self::Connect(ConnectError::Resolve { .. }) => Code::HttpDns,
            Self::Connect(ConnectError::UnknownHost { .. }) => Code::HttpUnknownHost,
            Self::Connect(ConnectError::Denied { .. }) => Code::DeniedAddress,
            Self::Connect(ConnectError::Connect { .. }) => Code::HttpConnect,
            Self::Connect(ConnectError::Tls { .. }) => Code::HttpTls,
            Self::Connect(ConnectError::Certificate { .. }) => Code::HttpCertificate,
            Self::Reset { .. } => Code::HttpReset,
            Self::Protocol(_) | Self::Undecodable { .. } => Code::HttpProtocol,
            Self::BrokenBody { .. } | Self::BrokenCoding { .. } => Code::HttpBrokenBody,
            Self::TimedOut {
                whose: Whose::Attempt,
                ..
            } => Code::LimitDeadline,
            Self::TimedOut { .. } => Code::HttpTimeout,
            Self::Header { .. } => Code::DeniedHeader,
            Self::RequestTooLarge { .. } => Code::LimitHttpRequest,
            Self::Request(_) => Code::InvalidRequest,
            Self::AnswerHeaders | Self::AnswerBody { .. } => Code::LimitHttpResponse,
        }
    }

    /// Whether it is the upstream's doing, as far as the host saw. What a guest
    /// can bring about is not: its own time limits, and a deadline that may have
    /// been near when it began. Whoever knows the attempt's whole time can tell more of
    /// that.
    pub fn is_the_upstreams(&self) -> bool {
        match self {
            Self::TimedOut { whose, .. } => matches!(whose, Whose::Upstream),
            Self::Reset { guest_was_late, .. } => !guest_was_late,
            _ => self.code().row().upstream_breaker,
        }
    }
}

impl fmt::Display for RequestPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Path => "path",
            Self::Head => "head",
            Self::Body => "body",
        })
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting to the upstream",
            Self::FirstByte => "the wait for the upstream's answer",
            Self::BetweenBytes => "the wait for more of the upstream's answer",
        })
    }
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Upstream => "the upstream's time limit",
            Self::Guest => "the plugin's own time limit",
            Self::Attempt => "the attempt's deadline",
        })
    }
}
