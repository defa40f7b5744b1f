//! A permit that finds its own way back.

use std::sync::Arc;

use tokio::time::Instant;

use super::circuit::{Circuit, Ended};
use super::judge::JudgeCircuit;
use fusebox_events::Event;
use fusebox_resilience::breaker::{BreakerRules, Outcome, Permit, Refusal};

/// The right to make one call, for a holder that may vanish: a guest, or a
/// request whose answer nobody reads. Dropped, it counts as cancelled.
#[derive(Debug)]
pub struct OwnedPermit {
    circuit: Arc<Circuit>,
    /// What held when the call began.
    rules: BreakerRules,
    permit: Option<Permit>,
    began: Instant,
}

impl OwnedPermit {
    /// Asks a circuit for one, and says what that changed.
    ///
    /// # Errors
    /// As [`Circuit::acquire`].
    pub(crate) fn acquire(
        circuit: Arc<Circuit>,
        rules: BreakerRules,
    ) -> Result<(Self, Option<Event>), Refusal> {
        let (permit, event) = circuit.acquire(&rules)?;
        let owned = Self {
            circuit,
            rules,
            permit: Some(permit),
            began: Instant::now(),
        };
        Ok((owned, event))
    }

    /// Hands it back with what the call came to, and says what that changed.
    pub(crate) fn finish(mut self, outcome: Outcome, random: u64) -> Option<Event> {
        self.hand_back(outcome, random)
    }

    /// The same, judged by a policy.
    pub(crate) async fn finish_judged(
        mut self,
        ended: Ended<'_>,
        policy: &dyn JudgeCircuit,
        random: u64,
    ) -> Vec<Event> {
        let Some(permit) = self.permit.take() else {
            return Vec::new();
        };
        let circuit = &self.circuit;
        circuit
            .finish_judged(permit, ended, &self.rules, policy, random)
            .await
    }

    fn hand_back(&mut self, outcome: Outcome, random: u64) -> Option<Event> {
        let ended = (outcome, self.began.elapsed());
        self.circuit
            .finish(self.permit.take()?, ended, &self.rules, random)
    }
}

impl Drop for OwnedPermit {
    fn drop(&mut self) {
        // A call of which nothing was learned changes no state.
        self.hand_back(Outcome::Ignored, 0);
    }
}
