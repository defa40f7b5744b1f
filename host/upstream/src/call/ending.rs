//! How a call ended, told once.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::CallFault;
use super::progress::Progress;
use crate::answers::{SaidBy, Verdict};
use fusebox_types::failure::Code;

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// Whether there was a whole answer.
    pub how: How,
    /// The answer's status, if there was an answer.
    pub status: Option<StatusCode>,
    /// What the answer means, if it means that something is wrong.
    pub verdict: Option<Verdict>,
    /// Whether the request may have been sent.
    pub sent: bool,
    /// Bytes of the request's body that were taken.
    pub request_bytes: u64,
    /// Bytes of the answer's body that were handed on.
    pub response_bytes: u64,
    /// How long it took.
    pub took: Duration,
    /// How long the upstream, and not the guest, had been waited for when it ended
    /// without an answer; zero if there was one.
    pub silent_for: Duration,
    /// How long the upstream was waited for until its answer began, from when the guest
    /// had said all of its request; none if it did not begin.
    pub latency: Option<Duration>,
}

/// Whether there was a whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// There was.
    Complete,
    /// Something went wrong before its end.
    Failed(CallFault),
    /// The guest, or whoever ended it, wanted no more.
    Dropped,
}

/// What a call is to the upstream's breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// The upstream did what it should.
    Success,
    /// It did not.
    Failure,
    /// It says nothing about the upstream.
    Neutral,
}

impl End {
    /// The failure's code; none if nothing is wrong.
    pub fn code(&self) -> Option<Code> {
        match &self.how {
            How::Failed(fault) => Some(fault.code()),
            How::Complete | How::Dropped => self.verdict.as_ref().and_then(|verdict| verdict.code.failure()),
        }
    }

    /// Who says what is wrong.
    pub fn said_by(&self) -> SaidBy {
        match &self.how {
            How::Failed(_) => SaidBy::Host,
            How::Complete | How::Dropped => {
                let said_by = self.verdict.as_ref().map(|verdict| verdict.said_by);
                said_by.unwrap_or_default()
            }
        }
    }

    /// Whether the upstream said that it did nothing. 303 is what a service says that
    /// has done what it was asked: its answer is elsewhere.
    pub fn is_declined(&self) -> bool {
        match self.code() {
            Some(Code::HttpRedirect) => self.status != Some(StatusCode::SEE_OTHER),
            code => code.is_some_and(|code| code.is_declined()),
        }
    }

    /// What it is to the upstream's breaker. A guest's drop is neutral, unless
    /// the status had already said that the upstream failed.
    pub fn count(&self) -> Count {
        let failed = |code: Code| code.row().upstream_breaker;
        match &self.how {
            How::Failed(fault) if fault.is_the_upstreams() => Count::Failure,
            How::Failed(_) => Count::Neutral,
            _ if self.code().is_some_and(failed) => Count::Failure,
            How::Complete => Count::Success,
            How::Dropped => Count::Neutral,
        }
    }
}

type Tell = Box<dyn FnOnce(End) + Send>;

/// Somebody who is told how a call ended, exactly once.
pub struct Ending {
    tell: Option<Tell>,
    progress: Arc<Progress>,
}

/// How far a call is, to be asked from before it begins until it has ended.
#[derive(Debug, Clone, Default)]
pub struct CallState(Arc<Progress>);

impl CallState {
    /// Whether the request may have been sent.
    pub fn is_sent(&self) -> bool {
        self.0.is_sent()
    }

    /// Whether the upstream is waited for: for its connection or for a part of its
    /// answer that was asked for. It is not while the guest itself is: for more of its
    /// request, or for reading what has come.
    pub fn awaits_upstream(&self) -> bool {
        self.0.awaits_upstream()
    }
}

impl Ending {
    /// Tells this function. It is called wherever the call ends, maybe while
    /// something is dropped: it must not wait, and not panic.
    pub fn new(tell: impl FnOnce(End) + Send + 'static) -> Self {
        Self::watched(&CallState::default(), tell)
    }

    /// The same of a call of which this says how far it is.
    pub fn watched(state: &CallState, tell: impl FnOnce(End) + Send + 'static) -> Self {
        Self {
            tell: Some(Box::new(tell)),
            progress: state.0.clone(),
        }
    }

    /// How far its call has come.
    pub(super) fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// Tells that there was no answer.
    pub(super) fn failed(mut self, fault: CallFault) {
        self.tell(How::Failed(fault), None, None, 0);
    }

    /// Tells how it ended; only the first time.
    pub(super) fn tell(
        &mut self,
        how: How,
        status: Option<StatusCode>,
        verdict: Option<Verdict>,
        received: u64,
    ) {
        let Some(tell) = self.tell.take() else { return };
        tell(End {
            how,
            status,
            verdict,
            sent: self.progress.is_sent(),
            request_bytes: self.progress.request_bytes(),
            response_bytes: received,
            took: self.progress.took(),
            silent_for: match status {
                None => self.progress.upstream_waited_for_since().elapsed(),
                Some(_) => Duration::ZERO,
            },
            latency: self.progress.latency(),
        });
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.tell(How::Dropped, None, None, 0);
    }
}

impl fmt::Debug for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ending")
            .field("told", &self.tell.is_none())
            .finish()
    }
}
