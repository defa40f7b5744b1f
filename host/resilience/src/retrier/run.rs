//! One operation on its way.

use std::future::Future;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Retrier;
use super::call::{Call, RetryError};
use super::clock::Clock;
use super::status::{End, RetryStatus};
use crate::{GiveUp, RetryState, Verdict, effective};
use fusebox_types::failure::{Code, Failure};

/// One operation on its way. Dropped before its end, it was cancelled.
pub(super) struct Run<'r, C: Clock> {
    retrier: &'r Retrier<C>,
    status: RetryStatus,
    cancel: CancellationToken,
}

impl<'r, C: Clock> Run<'r, C> {
    pub(super) fn begin(retrier: &'r Retrier<C>, call: Call) -> Result<Self, RetryError> {
        let (now, most) = (retrier.clock.now(), retrier.rules.max_attempts);
        let make = |call, serial| RetryStatus::begin(call, serial, now, most);
        let (status, cancel) = retrier.kept.begin(call, make)?;
        Ok(Self {
            retrier,
            status,
            cancel,
        })
    }

    /// The number of the attempt that is due.
    pub(super) fn number(&self) -> u32 {
        self.status.attempt()
    }

    /// Carries out an attempt, up to the deadline or until it is cancelled.
    pub(super) async fn attempt<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(cancelled()),
            result = work => result,
            () = self.deadline() => Err(Failure::new(Code::LimitDeadline, "the time for all attempts passed")),
        }
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    /// If there is to be none, or it was cancelled meanwhile.
    pub(super) async fn wait_after(&mut self, failure: Failure) -> Result<(), RetryError> {
        let next = self.decide(Arc::new(failure))?;
        let wait = next.previous_delay();
        self.status.next = Some(self.retrier.clock.now().saturating_add(wait));
        self.retrier.kept.note(&self.status);
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => {
                return Err(self.give_up(Arc::new(cancelled()), GiveUp::Cancelled));
            }
            () = self.retrier.clock.sleep(wait) => {}
        }
        self.status.go_on(next);
        self.retrier.kept.note(&self.status);
        Ok(())
    }

    /// The attempt after a failure, charged to the budget; or the end.
    fn decide(&mut self, failure: Arc<Failure>) -> Result<RetryState, RetryError> {
        let (retrier, mut next) = (self.retrier, self.status.state);
        let facts = retrier.facts(&self.status);
        let verdict = next.after(&failure, &retrier.rules, &facts, &retrier.budgets());
        let most = effective(&retrier.rules, &failure, facts.meanings).max_attempts;
        self.status.failed(failure.clone(), most);
        match verdict {
            Verdict::Again(_) => Ok(next),
            Verdict::GiveUp(reason) => Err(self.give_up(failure, reason)),
        }
    }

    fn give_up(&mut self, failure: Arc<Failure>, reason: GiveUp) -> RetryError {
        self.end(End::GaveUp(reason));
        RetryError::GaveUp {
            failure,
            reason,
            attempts: self.status.attempt(),
        }
    }

    /// Notes the end.
    pub(super) fn end(&mut self, end: End) {
        self.status.next = None;
        self.status.end = Some(end);
        self.retrier.kept.note(&self.status);
    }

    /// Waits until the deadline; for ever if there is none.
    async fn deadline(&self) {
        match self.status.deadline {
            None => std::future::pending().await,
            Some(deadline) => {
                let left = deadline.saturating_sub(self.retrier.clock.now());
                self.retrier.clock.sleep(left).await;
            }
        }
    }
}

impl<C: Clock> Drop for Run<'_, C> {
    fn drop(&mut self) {
        if self.status.end.is_none() {
            self.end(End::GaveUp(GiveUp::Cancelled));
        }
    }
}

fn cancelled() -> Failure {
    Failure::new(Code::Cancelled, "cancelled by whoever asked for it")
}
