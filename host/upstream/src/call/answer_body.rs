//! The body of an answer: handed on as it comes and unpacked, counted, and looked at
//! for what it means. Secrets that were sent and come back are taken out of it: the guest
//! never learns them.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::response;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::ending::{Ending, How};
use super::exchange::Connection;
use super::plain_body::PlainBody;
use super::{CallFailure, CallFault, Phase, Terms, Upstream, headers};
use crate::answers::Reader;
use crate::rules::UpstreamTimeouts;
use fusebox_secrets::Mask;
use fusebox_system::wall_clock;

/// What is handed on of a body when it is asked for more.
type Polled = Poll<Option<Result<Frame<Bytes>, CallFailure>>>;

/// The body of an answer.
///
/// Time runs while the upstream is waited for, and not while nobody reads. The
/// body ends the call: when it is over, broken or dropped, the connection is
/// closed and the call's ending is told.
pub struct AnswerBody {
    /// None once it is over.
    inner: Option<(PlainBody, Connection)>,
    most: u64,
    received: u64,
    /// Takes out the secrets that were sent; none if none were.
    mask: Option<Mask>,
    /// What else has come, while something was held back before it.
    next: Option<Frame<Bytes>>,
    handed_on: u64,
    terms: Terms,
    timeouts: UpstreamTimeouts,
    /// Since the upstream is waited for: until when.
    timer: Option<(Pin<Box<Sleep>>, CallFault)>,
    /// Bytes that had come from it by then.
    heard: u64,
    status: http::StatusCode,
    reader: Reader,
    ending: Ending,
}

impl AnswerBody {
    pub(super) fn new(
        inner: PlainBody,
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
            mask: upstream.mask(),
            next: None,
            handed_on: 0,
            terms: *terms,
            timeouts: upstream.timeouts,
            timer: None,
            heard: 0,
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
        self.ending.tell(how, Some(self.status), verdict, self.handed_on);
    }

    fn fail(&mut self, fault: CallFault) -> Polled {
        self.end(How::Failed(fault.clone()));
        Poll::Ready(Some(Err(CallFailure { fault, sent: true })))
    }

    /// Takes what has come, unless it is too much. None if all of it is held back.
    fn take(&mut self, frame: Frame<Bytes>) -> Option<Polled> {
        self.timer = None;
        self.ending.progress().awaits(false);
        let is_last = self
            .inner
            .as_ref()
            .is_some_and(|(inner, _)| inner.is_end_stream());
        let frame = match frame.into_data() {
            Ok(data) => {
                self.received = self.received.saturating_add(data.len() as u64);
                if self.received > self.most {
                    return Some(self.fail(CallFault::AnswerBody { most: self.most }));
                }
                Frame::data(self.masked(data, is_last))
            }
            Err(trailers) => self.masked_trailers(trailers),
        };
        self.hand_on(frame, is_last)
    }

    /// Hands on what is left of it, if that is not too much: marks may be longer
    /// than secrets.
    fn hand_on(&mut self, frame: Frame<Bytes>, is_last: bool) -> Option<Polled> {
        if let Some(data) = frame.data_ref() {
            let total = self.handed_on.saturating_add(data.len() as u64);
            if total > self.most {
                return Some(self.fail(CallFault::AnswerBody { most: self.most }));
            }
            self.handed_on = total;
            self.reader.read(data);
        }
        if is_last {
            self.end(How::Complete);
        }
        let is_held = !is_last && self.mask.is_some() && frame.data_ref().is_some_and(Bytes::is_empty);
        (!is_held).then_some(Poll::Ready(Some(Ok(frame))))
    }

    /// Data without secrets, and without what may be the beginning of one unless
    /// nothing more comes.
    fn masked(&mut self, data: Bytes, is_last: bool) -> Bytes {
        let Some(mask) = &mut self.mask else { return data };
        let clean = mask.push(data);
        match is_last.then(|| mask.finish()) {
            Some(rest) if !rest.is_empty() => [clean, rest].concat().into(),
            _ => clean,
        }
    }

    /// Trailers without secrets. What was held back comes before them.
    fn masked_trailers(&mut self, mut trailers: Frame<Bytes>) -> Frame<Bytes> {
        let Some(mask) = &mut self.mask else {
            return trailers;
        };
        if let Some(named) = trailers.trailers_mut() {
            headers::hide(mask.redactor(), named);
        }
        match mask.finish() {
            rest if rest.is_empty() => trailers,
            rest => {
                self.next = Some(trailers);
                Frame::data(rest)
            }
        }
    }

    /// All has come. What was held back is no beginning of anything.
    fn over(&mut self) -> Polled {
        let rest = self.masked(Bytes::new(), true);
        let handed_on = (!rest.is_empty()).then(|| self.hand_on(Frame::data(rest), true));
        handed_on.flatten().unwrap_or_else(|| {
            self.end(How::Complete);
            Poll::Ready(None)
        })
    }

    /// Waits for more, as long as there is patience.
    fn wait(&mut self, cx: &mut Context<'_>) -> Polled {
        let heard = self.inner.as_ref().map_or(0, |(inner, _)| inner.heard());
        if heard != self.heard {
            self.heard = heard;
            self.timer = None;
        }
        let (terms, timeouts) = (self.terms, self.timeouts);
        self.ending.progress().awaits(true);
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

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let this = self.get_mut();
        loop {
            if let Some(frame) = this.next.take() {
                return Poll::Ready(Some(Ok(frame)));
            }
            let Some((inner, _)) = &mut this.inner else {
                return Poll::Ready(None);
            };
            match Pin::new(inner).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Some(handed_on) = this.take(frame) {
                        return handed_on;
                    }
                }
                Poll::Ready(Some(Err(fault))) => return this.fail(fault),
                Poll::Ready(None) => return this.over(),
                Poll::Pending => return this.wait(cx),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.next.is_none() && self.inner.as_ref().is_none_or(|(inner, _)| inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        // Marks may have another length than secrets.
        if self.inner.is_some() && self.mask.is_some() {
            return SizeHint::default();
        }
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
