//! The body of an answer as it comes from the connection, unpacked.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::CallFault;
use super::coding::{self, Broken, Undecodable, Unpacked, Unpacker};

/// A body, unpacked as it is read: so it is the guest's time that unpacking takes, a
/// small step at each poll.
pub(super) struct PlainBody {
    inner: Incoming,
    /// None if it comes as it is.
    unpacker: Option<Unpacker>,
    /// Most bytes that may come.
    most: u64,
    /// What it is packed with, if nobody here can unpack that. The head can be read all
    /// the same.
    undecodable: Option<Undecodable>,
    /// Bytes that came packed.
    packed: u64,
    /// Bytes that were handed on.
    plain: u64,
    /// What the connection said last, once it has.
    last: Option<Last>,
}

/// The end of what comes from the connection.
enum Last {
    Trailers(Frame<Bytes>),
    Nothing,
}

type Polled = Poll<Option<Result<Frame<Bytes>, CallFault>>>;

impl PlainBody {
    /// The answer with a plain body of at most so many bytes, and without the headers
    /// that say how it was packed.
    pub(super) fn of(response: Response<Incoming>, most: u64) -> Response<Self> {
        let (mut head, inner) = response.into_parts();
        let (mut unpacker, mut undecodable) = (None, None);
        if !inner.is_end_stream() && head.headers.contains_key(CONTENT_ENCODING) {
            match coding::of_head(&head.headers) {
                Ok(codings) => {
                    unpacker = Unpacker::new(&codings, most);
                    says_plain(&mut head.headers, unpacker.is_some());
                }
                Err(unknown) => undecodable = Some(unknown),
            }
        }
        let body = Self {
            inner,
            unpacker,
            most,
            undecodable,
            packed: 0,
            plain: 0,
            last: None,
        };
        Response::from_parts(head, body)
    }

    /// Bytes that came from the connection: whether it is the upstream that is waited
    /// for.
    pub(super) const fn heard(&self) -> u64 {
        match self.unpacker {
            Some(_) => self.packed,
            None => self.plain,
        }
    }

    /// What is unpacked by now. Pending if nothing is yet, and asked again at once.
    fn unpacked(&mut self, cx: &Context<'_>) -> Option<Polled> {
        let next = match self.unpacker.as_mut()?.next() {
            Ok(next) => next,
            Err(broken) => return Some(self.broken(broken)),
        };
        match next {
            Unpacked::Some(plain) => Some(self.hand_on(Frame::data(plain))),
            Unpacked::Busy => {
                cx.waker().wake_by_ref();
                Some(Poll::Pending)
            }
            Unpacked::Hungry => self.last.take().map(|last| self.finished(last)),
        }
    }

    fn finished(&mut self, last: Last) -> Polled {
        let whole = self.unpacker.take().map_or(Ok(()), |unpacker| unpacker.finish());
        match (whole, last) {
            (Err(broken), _) => self.broken(broken),
            (Ok(()), Last::Trailers(trailers)) => Poll::Ready(Some(Ok(trailers))),
            (Ok(()), Last::Nothing) => Poll::Ready(None),
        }
    }

    /// Feeds what came packed.
    fn feed(&mut self, frame: Option<Frame<Bytes>>) -> Option<Polled> {
        match frame.map(Frame::into_data) {
            Some(Ok(data)) => {
                self.packed = self.packed.saturating_add(data.len() as u64);
                if self.packed > self.most {
                    return Some(self.broken(Broken::TooLarge));
                }
                if let Some(unpacker) = &mut self.unpacker {
                    unpacker.feed(data);
                }
            }
            Some(Err(trailers)) => self.last = Some(Last::Trailers(trailers)),
            None => self.last = Some(Last::Nothing),
        }
        None
    }

    fn hand_on(&mut self, frame: Frame<Bytes>) -> Polled {
        let length = frame.data_ref().map_or(0, Bytes::len);
        self.plain = self.plain.saturating_add(length as u64);
        Poll::Ready(Some(Ok(frame)))
    }

    fn broken(&self, broken: Broken) -> Polled {
        Poll::Ready(Some(Err(match broken {
            Broken::TooLarge => CallFault::AnswerBody { most: self.most },
            Broken::Corrupt { coding, why } => CallFault::BrokenCoding {
                coding,
                received: self.plain,
                why,
            },
        })))
    }
}

/// Takes out of a head what is no longer so.
fn says_plain(headers: &mut HeaderMap, had_other_length: bool) {
    headers.remove(CONTENT_ENCODING);
    if had_other_length {
        headers.remove(CONTENT_LENGTH);
    }
}

impl Body for PlainBody {
    type Data = Bytes;
    type Error = CallFault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let this = self.get_mut();
        if let Some(Undecodable(coding)) = this.undecodable.take() {
            return Poll::Ready(Some(Err(CallFault::Undecodable { coding })));
        }
        loop {
            if let Some(polled) = this.unpacked(cx) {
                return polled;
            }
            let frame = match Pin::new(&mut this.inner).poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(frame) => frame,
            };
            let frame = match frame.transpose() {
                Ok(frame) => frame,
                Err(error) => {
                    let (received, why) = (this.plain, fusebox_types::failure::causes(&error));
                    return Poll::Ready(Some(Err(CallFault::BrokenBody { received, why })));
                }
            };
            if this.unpacker.is_none() {
                return frame.map_or(Poll::Ready(None), |frame| this.hand_on(frame));
            }
            if let Some(polled) = this.feed(frame) {
                return polled;
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.unpacker.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.unpacker {
            Some(_) => SizeHint::default(),
            None => self.inner.size_hint(),
        }
    }
}
