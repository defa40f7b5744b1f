//! The guest's processor time.
//!
//! Ticks of the engine's clock are wall time and fuel does not see what the
//! host does for a guest, so neither can say how long a core was held. Each
//! poll of the guest's call is timed instead: while it is polled it holds the
//! core, while it waits it does not.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Processor time of one attempt, shared by the call that is timed and the
/// store that asks.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    origin: Instant,
    /// Nanoseconds of all polls that have ended.
    spent: AtomicU64,
    /// When the poll under way began, in nanoseconds since the origin.
    poll_began: AtomicU64,
}

impl Meter {
    pub(super) fn start(origin: Instant) -> Self {
        let inner = Inner {
            origin,
            spent: AtomicU64::new(0),
            poll_began: AtomicU64::new(0),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    fn since_origin(&self) -> u64 {
        u64::try_from(self.inner.origin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// What has been used, asked from inside a poll.
    pub(super) fn used_so_far(&self) -> Duration {
        let began = self.inner.poll_began.load(Ordering::Relaxed);
        self.used() + Duration::from_nanos(self.since_origin().saturating_sub(began))
    }

    /// What has been used in all polls that have ended.
    pub(super) fn used(&self) -> Duration {
        Duration::from_nanos(self.inner.spent.load(Ordering::Relaxed))
    }

    fn poll<F: Future>(&self, call: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let began = self.since_origin();
        self.inner.poll_began.store(began, Ordering::Relaxed);
        let result = call.poll(cx);
        let spent = self.since_origin().saturating_sub(began);
        self.inner.spent.fetch_add(spent, Ordering::Relaxed);
        result
    }

    /// The call, timed, with a panic of the host's own code caught.
    pub(super) async fn time<F: Future>(&self, call: F) -> std::thread::Result<F::Output> {
        let mut call = std::pin::pin!(call);
        std::future::poll_fn(|cx| {
            let polled = catch_unwind(AssertUnwindSafe(|| self.poll(call.as_mut(), cx)));
            match polled {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
                Err(panic) => Poll::Ready(Err(panic)),
            }
        })
        .await
    }
}
