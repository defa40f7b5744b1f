//! The retry budgets that a retry is charged to: the agent's, and the upstream's if
//! that failed.

use super::state::SessionContext;
use fusebox_resilience::{BudgetRules, Budgets};

/// An agent that may try again, and the upstream that its attempt called last.
#[derive(Debug, Clone, Copy)]
pub struct Payer<'a> {
    /// The agent, as the session numbers it.
    pub agent: u16,
    /// The upstream that the attempt called last.
    pub upstream: Option<&'a str>,
    /// How many retries there are.
    pub rules: BudgetRules,
}

impl<'a> Payer<'a> {
    /// The same after an attempt that called this upstream last.
    pub fn calling(self, upstream: Option<&'a str>) -> Self {
        Self { upstream, ..self }
    }
}

impl SessionContext {
    /// Does something with the budgets that this agent's retries are charged to:
    /// the same for whole attempts and for what is tried again inside them.
    pub fn budgets<T>(&self, payer: Payer<'_>, with: impl FnOnce(&Budgets<'_>) -> T) -> T {
        let agent = usize::from(payer.agent);
        let upstream_state = payer
            .upstream
            .map(|upstream| self.gateway.upstream_state(upstream));
        with(&Budgets {
            own: self.budget.allowance(agent, &payer.rules),
            upstream: upstream_state
                .as_ref()
                .map(|upstream_state| upstream_state.allowance(agent, &payer.rules)),
        })
    }
}
