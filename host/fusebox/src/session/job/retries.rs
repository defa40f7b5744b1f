//! The attempts of a task by the agent that is at it: how many, what they failed
//! with, and who pays for the next.

use std::sync::Arc;
use std::time::Duration;

use crate::session::resumed::Attempted;
use fusebox_resilience::{Facts, RetryState, Snapshot, Verdict};
use fusebox_runtime::policies::PastAttempt;
use fusebox_runtime::sandbox::{AttemptEnd, Called, Payer, SessionContext};
use fusebox_types::failure::Failure;

/// The attempts of a task by the agent that is at it.
#[derive(Debug)]
pub(super) struct Retries {
    state: RetryState,
    /// The number of the agent's first attempt.
    first: u32,
    /// The number of the attempt that is due, from 1, over all agents.
    number: u32,
    /// Whether the agent's first attempt was counted.
    counted: bool,
    /// The upstream that the last attempt called; none if it sent nothing.
    upstream: Option<Arc<str>>,
    /// The upstreams that the agent's attempts have called.
    called: Called,
    /// The last failed attempts, oldest first.
    history: Vec<PastAttempt>,
    /// What the last attempt failed with, whichever agent made it.
    previous: Option<Arc<Failure>>,
}

impl Default for Retries {
    /// The task's first attempt is due.
    fn default() -> Self {
        Self {
            state: RetryState::default(),
            first: 1,
            number: 1,
            counted: false,
            upstream: None,
            called: Called::default(),
            history: Vec::new(),
            previous: None,
        }
    }
}

impl Retries {
    /// Those of a task that was tried before the session was resumed.
    pub(super) fn resumed(attempted: Attempted) -> Self {
        let tries = attempted.next.saturating_sub(attempted.first).saturating_add(1);
        let mut retries = Self {
            state: RetryState::resumed(tries, attempted.delay),
            first: attempted.first,
            number: attempted.next,
            ..Self::default()
        };
        for failed in attempted.failed {
            retries.remember(failed);
        }
        retries
    }

    /// Begins anew for another agent. Numbers go on, and it is told of the last
    /// failure.
    pub(super) fn hand_over(&mut self) {
        *self = Self {
            state: RetryState::resumed(1, self.delay()),
            first: self.number,
            number: self.number,
            previous: self.previous.take(),
            ..Self::default()
        };
    }

    /// The number of the attempt that is due.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// The number of the last of so many attempts by this agent.
    pub(super) fn last_of(&self, attempts: u32) -> u32 {
        (self.first - 1).saturating_add(attempts)
    }

    /// Attempts, and what guests tried again inside them.
    pub(super) fn tries(&self) -> u32 {
        self.state.tries()
    }

    /// The wait before the attempt that is due.
    pub(super) fn delay(&self) -> Duration {
        self.state.previous_delay()
    }

    /// How many attempts the task has had, by whichever agents. The number that
    /// is due counts only if that attempt was made.
    pub(super) fn made(&self) -> u32 {
        let last = self.history.last().map(|past| past.number);
        last.unwrap_or_else(|| self.number.saturating_sub(1))
    }

    pub(super) fn history(&self) -> &[PastAttempt] {
        &self.history
    }

    pub(super) fn previous(&self) -> Option<&Arc<Failure>> {
        self.previous.as_ref()
    }

    /// What a decision about a failure is made from.
    pub(super) fn snapshot<'f>(&self, failure: &'f Failure, facts: &Facts<'f>) -> Snapshot<'f> {
        self.state.snapshot(failure, facts)
    }

    /// Notes that the attempt begins. The first of the agent is counted: out of
    /// these retries are paid.
    pub(super) fn begin(&mut self, payer: Payer<'_>, outside: &SessionContext) {
        let now = outside.breakers.now();
        self.state.begin(now);
        if !std::mem::replace(&mut self.counted, true) {
            outside.first_attempt(payer, now);
        }
    }

    /// Notes how an attempt ended: tries with those inside it, and whom it called.
    pub(super) fn attempted(&mut self, end: &mut AttemptEnd<'_>) {
        self.state.count_up_to(end.tries);
        self.upstream = end.upstream.take();
        self.called = std::mem::take(&mut end.called);
    }

    /// The upstreams that the task's agent has called.
    pub(super) fn called(&self) -> Called {
        self.called.clone()
    }

    /// Who pays after the last attempt.
    pub(super) fn payer(&self, payer: Payer<'static>) -> Payer<'_> {
        payer.calling(self.upstream.as_deref())
    }

    /// Keeps the failed attempt for the decisions to come.
    pub(super) fn failed(&mut self, failure: &Arc<Failure>, at: Duration) {
        self.remember(PastAttempt {
            number: self.number,
            failure: failure.clone(),
            at,
            delay_before: self.delay(),
        });
    }

    fn remember(&mut self, past: PastAttempt) {
        self.previous = Some(past.failure.clone());
        past.remember_in(&mut self.history);
    }

    /// Carries a decision out: charges the next attempt and counts it, if there
    /// is to be one.
    pub(super) fn apply(
        &mut self,
        verdict: Verdict,
        failure: &Failure,
        payer: Payer<'static>,
        outside: &SessionContext,
    ) -> Verdict {
        let (state, now) = (&mut self.state, outside.breakers.now());
        let payer = payer.calling(self.upstream.as_deref());
        let verdict = outside.budgets(payer, |budgets| state.apply(verdict, failure, budgets, now));
        if let Verdict::Again(_) = verdict {
            self.number += 1;
        }
        verdict
    }

    /// Charges one more attempt that no decision asked for; false if none is left.
    pub(super) fn pay(&self, payer: Payer<'static>, outside: &SessionContext) -> bool {
        let (now, payer) = (outside.breakers.now(), self.payer(payer));
        let pays = |failure: &Arc<Failure>| outside.budgets(payer, |budgets| budgets.pay(failure, now));
        self.previous.as_ref().is_none_or(pays)
    }

    /// The attempt that was made is none of those that may be made. What it failed with
    /// is told to the next one, if that says anything.
    pub(super) fn free(&mut self, failure: Option<Arc<Failure>>) {
        self.number += 1;
        self.first += 1;
        self.previous = failure.or(self.previous.take());
    }

    /// The task was held back for so long, which is none of its own time.
    pub(super) fn was_held(&mut self, held: Duration) {
        self.state.was_held(held);
    }

    /// The upstream because of which the last attempt failed, if one did.
    pub(super) fn failed_upstream(&self) -> Option<Arc<str>> {
        self.previous.as_ref()?.upstream().map(Arc::from)
    }

    /// Charges one more attempt after a failure that costs nothing by itself; false if
    /// none is left.
    pub(super) fn charge(&self, failure: &Failure, payer: Payer<'static>, outside: &SessionContext) -> bool {
        let now = outside.breakers.now();
        let payer = payer.calling(failure.upstream());
        outside.budgets(payer, |budgets| budgets.own.charge(now).is_some())
    }

    /// Counts one more attempt, without a wait.
    pub(super) fn go_on(&mut self) {
        self.state.go_on(Duration::ZERO);
        self.number += 1;
    }
}
