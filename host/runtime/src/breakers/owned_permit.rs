//! A permit that finds its own way back.

use std::sync::Arc;
use std::time::Duration;

use super::judge::JudgeBreaker;
use super::named_breaker::{Ended, NamedBreaker};
use fusebox_events::Event;
use fusebox_resilience::breaker::{BreakerRules, Outcome, Permit, Refusal};

/// The right to make one call, for a holder that may vanish: a guest, a request
/// whose answer nobody reads, or a task in which the host fails. Dropped, it counts
/// as cancelled.
#[derive(Debug)]
pub struct OwnedPermit {
    breaker: Arc<NamedBreaker>,
    /// What held when the call began.
    rules: BreakerRules,
    permit: Option<Permit>,
}

impl OwnedPermit {
    /// Asks a breaker for one, and says what that changed.
    ///
    /// # Errors
    /// As [`NamedBreaker::acquire`].
    pub fn acquire(
        breaker: Arc<NamedBreaker>,
        rules: BreakerRules,
    ) -> Result<(Self, Option<Event>), Refusal> {
        let (permit, event) = breaker.acquire(&rules)?;
        let owned = Self {
            breaker,
            rules,
            permit: Some(permit),
        };
        Ok((owned, event))
    }

    /// Hands it back with what the call came to and how long the call itself took,
    /// and says what that changed.
    pub fn finish(mut self, outcome: Outcome, took: Duration, random: u64) -> Option<Event> {
        self.hand_back(outcome, took, random)
    }

    /// The same, judged by a policy.
    pub async fn finish_judged(
        mut self,
        ended: Ended<'_>,
        policy: &dyn JudgeBreaker,
        random: u64,
    ) -> Vec<Event> {
        let Some(permit) = self.permit.take() else {
            return Vec::new();
        };
        let breaker = &self.breaker;
        breaker
            .finish_judged(permit, ended, &self.rules, policy, random)
            .await
    }

    /// Hands it back: the call is counted, and nothing is judged.
    pub(super) fn count(mut self, outcome: Outcome, took: Duration) {
        if let Some(permit) = self.permit.take() {
            self.breaker.count(permit, (outcome, took), &self.rules);
        }
    }

    /// Whether the call is a probe.
    pub(super) fn is_probe(&self) -> bool {
        self.permit.as_ref().is_some_and(Permit::is_probe)
    }

    /// The breaker's generation when the call began.
    pub(super) fn generation(&self) -> u64 {
        self.permit.as_ref().map_or(u64::MAX, Permit::generation)
    }

    pub(super) const fn breaker(&self) -> &Arc<NamedBreaker> {
        &self.breaker
    }

    pub(super) const fn rules(&self) -> &BreakerRules {
        &self.rules
    }

    fn hand_back(&mut self, outcome: Outcome, took: Duration, random: u64) -> Option<Event> {
        self.breaker
            .finish(self.permit.take()?, (outcome, took), &self.rules, random)
    }
}

impl Drop for OwnedPermit {
    fn drop(&mut self) {
        // A call of which nothing was learned changes no state.
        self.hand_back(Outcome::Ignored, Duration::ZERO, 0);
    }
}
