//! The clock of an attempt's deadline. It stands while the attempt only stands in a
//! queue of the host's own: how long that is depends on what others do.
//!
//! ```text
//! guest's poll ----> suspended? ---+
//! a request: Queued -> Holding ----+--> StoppableClock --> what is left, until when
//! ```
//!
//! | module | contents |
//! |---|---|
//! | [`stoppable`] | the decision when it stands: pure |
//! | [`calls`] | what requests hold of it |

mod calls;
mod stoppable;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::OnceLock;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep};

pub(crate) use calls::{CallClock, Holding};
use stoppable::{Change, StoppableClock};

/// The clock of one attempt. As long as the guest calls nobody it is a plain number:
/// no lock, nothing shared.
#[derive(Debug)]
pub(crate) struct AttemptClock {
    /// As it began.
    plain: StoppableClock,
    /// The same, once requests may stop it.
    calls: OnceLock<CallClock>,
}

impl AttemptClock {
    pub(crate) fn start(limit: Duration) -> Self {
        Self {
            plain: StoppableClock::new(limit, Instant::now()),
            calls: OnceLock::new(),
        }
    }

    /// The part of it that requests of the attempt hold. Asked for while the guest
    /// runs: it is the guest that asks.
    pub(crate) fn calls(&self) -> &CallClock {
        self.calls.get_or_init(|| CallClock::new(self.plain))
    }

    /// A wait that is charged, whatever else of the attempt stands in a queue; none
    /// if nothing can.
    pub(crate) fn charged(&self) -> Option<Holding> {
        self.calls.get().map(CallClock::holding)
    }

    fn state(&self) -> StoppableClock {
        self.calls.get().map_or(self.plain, CallClock::state)
    }

    /// Time since the attempt began, queues included.
    pub(crate) fn wall(&self) -> Duration {
        self.plain.wall(Instant::now())
    }

    /// For how long it stood.
    pub(crate) fn stopped(&self) -> Duration {
        self.state().stopped(Instant::now())
    }

    /// The time that is charged to the attempt.
    pub(crate) fn charged_time(&self) -> Duration {
        self.state().charged(Instant::now())
    }

    /// What is left of the attempt's time.
    pub(crate) fn left(&self) -> Duration {
        self.state().left(Instant::now())
    }

    /// Whether nothing is left.
    pub(crate) fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    /// Returns once nothing is left.
    pub(crate) async fn over(&self) {
        let mut timer = pin!(sleep(self.left()));
        poll_fn(|cx| {
            if let Some(calls) = self.calls.get() {
                match calls.ends_or_wakes(cx.waker()) {
                    // Whoever lets it go on wakes this.
                    None => return Poll::Pending,
                    Some(at) if at != timer.deadline() => timer.as_mut().reset(at),
                    Some(_) => {}
                }
            }
            timer.as_mut().poll(cx)
        })
        .await;
    }

    /// The guest's call. While a poll of it waits for something, and was not ended by
    /// an `interrupt`, the guest is suspended.
    pub(crate) async fn of_guest<F: Future>(&self, call: F, interrupted: impl Fn() -> bool) -> F::Output {
        let mut call = pin!(call);
        // Whether it ends or is dropped: a guest that is gone is not suspended.
        let guest = GuestRuns(self);
        poll_fn(|cx| {
            guest.0.change(Change::Resumed);
            let polled = call.as_mut().poll(cx);
            if polled.is_pending() && !interrupted() {
                guest.0.change(Change::Suspended);
            }
            polled
        })
        .await
    }

    fn change(&self, change: Change) {
        if let Some(calls) = self.calls.get() {
            calls.guest(change);
        }
    }
}

/// Says at its end that the guest is not suspended any more.
struct GuestRuns<'a>(&'a AttemptClock);

impl Drop for GuestRuns<'_> {
    fn drop(&mut self) {
        self.0.change(Change::Resumed);
    }
}

#[cfg(test)]
mod tests;
