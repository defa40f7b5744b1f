//! The body of a request: what the guest gives, counted.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::progress::Progress;
use super::{BoxError, CallFault, RequestPart};

/// A guest's body, no longer than it may be, and as long as was announced.
pub(super) struct RequestBody<B> {
    inner: Pin<Box<B>>,
    announced: Option<u64>,
    most: u64,
    progress: Arc<Progress>,
    ended: bool,
}

impl<B: Body<Data = Bytes>> RequestBody<B> {
    /// A body that is announced to be so long, if it is, and may be so long.
    pub(super) fn new(
        inner: B,
        announced: Option<u64>,
        most: u64,
        progress: Arc<Progress>,
    ) -> Result<Self, CallFault> {
        let announced = announced.or_else(|| inner.size_hint().exact());
        if announced.is_some_and(|announced| announced > most) {
            return Err(too_large(most));
        }
        Ok(Self {
            inner: Box::pin(inner),
            announced,
            most,
            progress,
            ended: false,
        })
    }

    /// Keeps what is wrong for whoever waits for the answer, and ends the body.
    fn fail(&mut self, fault: CallFault) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.ended = true;
        self.progress.faulty(fault.clone());
        Poll::Ready(Some(Err(Box::new(fault))))
    }

    /// Ends the body, if it is as long as was announced.
    fn end(&mut self) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let total = self.progress.given(0);
        if let Some(announced) = self.announced.filter(|announced| total < *announced) {
            let said = format!("its body ended after {total} of {announced} bytes announced");
            return self.fail(CallFault::Request(said));
        }
        self.ended = true;
        Poll::Ready(None)
    }

    /// What is wrong with so many bytes in all.
    fn excess(&self, total: u64) -> Option<CallFault> {
        if total > self.most {
            return Some(too_large(self.most));
        }
        let announced = self.announced.filter(|announced| total > *announced)?;
        Some(CallFault::Request(format!(
            "its body is longer than the {announced} bytes announced"
        )))
    }
}

impl<B> Body for RequestBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        this.progress.guest_is_late();
        match ready!(this.inner.as_mut().poll_frame(cx)) {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                let total = this.progress.given(bytes);
                match this.excess(total) {
                    Some(fault) => this.fail(fault),
                    None => Poll::Ready(Some(Ok(frame))),
                }
            }
            Some(Err(error)) => this.fail(CallFault::Request(format!(
                "its body broke off: {}",
                error.into()
            ))),
            None => this.end(),
        }
    }

    fn is_end_stream(&self) -> bool {
        // A body that is over too early has to be polled, to be found out.
        self.ended || (self.announced.unwrap_or(0) == 0 && self.inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.announced
            .map_or_else(|| self.inner.size_hint(), SizeHint::with_exact)
    }
}

fn too_large(most: u64) -> CallFault {
    CallFault::RequestTooLarge {
        part: RequestPart::Body,
        most,
    }
}
