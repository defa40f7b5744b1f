//! Why the host stopped a guest, as a type: an error that can be told apart
//! without reading its text.

use fusebox_types::failure::{Code, Failure};

/// The host's own reasons to end an attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message of each says what it and its fields are")]
pub enum Stop {
    #[error("{used} ms of processor time were used, {limit} ms are the limit")]
    Cpu { used: u64, limit: u64 },
    #[error("the deadline of {limit} ms passed")]
    Deadline { limit: u64 },
    #[error("it asked for {asked} bytes of memory in all, {limit} are the limit")]
    Memory { asked: u64, limit: u64 },
    #[error("it asked for {asked} table elements in all, {limit} are the limit")]
    Table { asked: u64, limit: u64 },
    #[error("it asked for more than {limit} open handles")]
    Handles { limit: u64 },
    #[error("it asked for more than {limit} open files")]
    OpenFiles { limit: u64 },
    #[error("it made more than {limit} calls to the host")]
    HostCalls { limit: u64 },
    #[error("it handed more than {limit} bytes to the host")]
    HostBytes { limit: u64 },
    #[error("a partial result of {bytes} bytes, {limit} are the limit")]
    Partial { bytes: u64, limit: u64 },
    #[error("no scratch folder could be made: {said}")]
    Scratch { said: String },
    #[error("the attempt was cancelled")]
    Cancelled,
}

impl Stop {
    /// The code that a failure for this reason carries.
    pub(crate) const fn code(&self) -> Code {
        match self {
            Stop::Cpu { .. } => Code::LimitCpu,
            Stop::Deadline { .. } => Code::LimitDeadline,
            Stop::Memory { .. } => Code::LimitMemory,
            Stop::Table { .. } => Code::LimitTable,
            Stop::Handles { .. } => Code::LimitHandles,
            Stop::OpenFiles { .. } => Code::LimitOpenFiles,
            Stop::HostCalls { .. } => Code::LimitHostCalls,
            Stop::HostBytes { .. } => Code::LimitHostBytes,
            Stop::Partial { .. } => Code::LimitPartial,
            Stop::Scratch { .. } => Code::HostEngine,
            Stop::Cancelled => Code::Cancelled,
        }
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Failure::new(stop.code(), stop.to_string())
    }
}
