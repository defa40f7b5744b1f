//! The time of an attempt: its guest's processor time, and the clock of its deadline.
//!
//! Ticks of the engine's clock are wall time and fuel does not see what the
//! host does for a guest, so neither can say how long a core was held. So the
//! thread's own processor time is read around each poll of the guest's call:
//! while it is polled it holds the core, while it waits it does not, and what
//! other programs take from the core is not the guest's. What the host does for it
//! on another thread meanwhile is read there.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::attempt_clock::AttemptClock;

/// The time of one attempt, shared by the call that is timed and the store that
/// asks.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Nanoseconds of all polls, and of all work on other threads, that have ended.
    spent: AtomicU64,
    /// The thread's processor time when the poll under way began.
    poll_began: AtomicU64,
    /// Whether the last poll was asked about in its middle, as the clock's tick does.
    interrupted: AtomicBool,
    clock: AttemptClock,
}

/// Nanoseconds of processor time that this thread has used.
fn thread_time() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}

impl Meter {
    /// Begins an attempt that may take so long.
    pub(super) fn start(limit: Duration) -> Self {
        let inner = Inner {
            spent: AtomicU64::new(0),
            poll_began: AtomicU64::new(0),
            interrupted: AtomicBool::new(false),
            clock: AttemptClock::start(limit),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The clock of the attempt's deadline.
    pub(super) fn clock(&self) -> &AttemptClock {
        &self.inner.clock
    }

    /// What has been used, asked from inside a poll.
    pub(super) fn used_so_far(&self) -> Duration {
        self.inner.interrupted.store(true, Ordering::Relaxed);
        let began = self.inner.poll_began.load(Ordering::Relaxed);
        self.used() + Duration::from_nanos(thread_time().saturating_sub(began))
    }

    /// What has been used in all that has ended.
    pub(super) fn used(&self) -> Duration {
        Duration::from_nanos(self.inner.spent.load(Ordering::Relaxed))
    }

    /// Whether the call was computing, and not waiting, when it was last polled: a
    /// tick of the clock ended the poll.
    pub(super) fn was_interrupted(&self) -> bool {
        self.inner.interrupted.load(Ordering::Relaxed)
    }

    /// The guest's call, so that the clock knows when the guest waits.
    pub(super) async fn guest<F: Future>(&self, call: F) -> F::Output {
        self.clock().of_guest(call, || self.was_interrupted()).await
    }

    fn poll<F: Future>(&self, call: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let began = thread_time();
        self.inner.poll_began.store(began, Ordering::Relaxed);
        self.inner.interrupted.store(false, Ordering::Relaxed);
        let result = call.poll(cx);
        self.spend_since(began);
        result
    }

    /// Adds what this thread has used since then.
    fn spend_since(&self, began: u64) {
        let spent = thread_time().saturating_sub(began);
        self.inner.spent.fetch_add(spent, Ordering::Relaxed);
    }

    /// Does work on another thread than the call is polled on.
    pub(super) fn measure<T>(&self, work: impl FnOnce() -> T) -> T {
        let began = thread_time();
        let done = work();
        self.spend_since(began);
        done
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
