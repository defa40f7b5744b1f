//! The body of an answer: handed on as it comes, counted, and looked at for what
//! it means.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::response;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use super::ending::{Ending, How};
use super::exchange::Connection;
use super::{CallFailure, CallFault, Phase, Terms, Upstream};
use crate::config::UpstreamTimeouts;
use crate::upstream::answers::Reader;
use crate::wall_clock;

/// The body of an answer.
///
/// Time runs while the upstream is waited for, and not while nobody reads. The
/// body ends the call: when it is over, broken or dropped, the connection is
/// closed and the call's ending is told.
pub struct AnswerBody {
    /// None once it is over.
    inner: Option<(Incoming, Connection)>,
    most: u64,
    received: u64,
    terms: Terms,
    timeouts: UpstreamTimeouts,
    /// Since the upstream is waited for: until when.
    timer: Option<(Pin<Box<Sleep>>, CallFault)>,
    status: http::StatusCode,
    reader: Reader,
    ending: Ending,
}

impl AnswerBody {
    pub(super) fn new(
        inner: Incoming,
        connection: Connection,
        upstream: &Upstream,
        terms: &Terms,
        head: &response::Parts,
        ending: Ending,
    ) -> Self {
        Self {
            inner: Some((inner, connection)),
            most: terms.most_received(&upstream.limits),
            received: 0,
            terms: *terms,
            timeouts: upstream.timeouts,
            timer: None,
            status: head.status,
            reader: upstream.answers().reader(head),
            ending,
        }
    }

    /// Ends it: the connection goes, the ending is told.
    fn end(&mut self, how: How) {
        self.inner = None;
        self.timer = None;
        let verdict = self.reader.verdict(wall_clock::system_time());
        self.ending.tell(how, Some(self.status), verdict, self.received);
    }

    fn fail(&mut self, fault: CallFault) -> Poll<Option<Result<Frame<Bytes>, CallFailure>>> {
        self.end(How::Failed(fault.clone()));
        Poll::Ready(Some(Err(CallFailure { fault, sent: true })))
    }

    /// Takes what has come, unless it is too much.
    fn take(&mut self, frame: Frame<Bytes>) -> Poll<Option<Result<Frame<Bytes>, CallFailure>>> {
        self.timer = None;
        if let Some(data) = frame.data_ref() {
            let total = self.received.saturating_add(data.len() as u64);
            if total > self.most {
                return self.fail(CallFault::AnswerBody { most: self.most });
            }
            self.received = total;
            self.reader.read(data);
        }
        if self
            .inner
            .as_ref()
            .is_some_and(|(inner, _)| inner.is_end_stream())
        {
            self.end(How::Complete);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    /// Waits for more, as long as there is patience.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CallFailure>>> {
        let (terms, timeouts) = (self.terms, self.timeouts);
        let (timer, _) = self.timer.get_or_insert_with(|| {
            let patience = terms.patience(Phase::BetweenBytes, &timeouts, Instant::now());
            (Box::pin(sleep_until(patience.until)), patience.over())
        });
        match timer.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => match self.timer.take() {
                Some((_, over)) => self.fail(over),
                None => Poll::Pending,
            },
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = CallFailure;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CallFailure>>> {
        let this = self.get_mut();
        let Some((inner, _)) = &mut this.inner else {
            return Poll::Ready(None);
        };
        match Pin::new(inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => this.take(frame),
            Poll::Ready(Some(Err(error))) => {
                let (received, why) = (this.received, crate::failure::causes(&error));
                this.fail(CallFault::BrokenBody { received, why })
            }
            Poll::Ready(None) => {
                this.end(How::Complete);
                Poll::Ready(None)
            }
            Poll::Pending => this.wait(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(|(inner, _)| inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.inner
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), |(inner, _)| inner.size_hint())
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        if let Some((inner, _)) = &self.inner {
            // An answer without a body is whole, whether or not anybody looks.
            let how = if inner.is_end_stream() {
                How::Complete
            } else {
                How::Dropped
            };
            self.end(how);
        }
    }
}

impl fmt::Debug for AnswerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerBody")
            .field("status", &self.status)
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}
