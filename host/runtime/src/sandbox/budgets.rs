//! The retry budgets that a retry is charged to, by what the failed attempt has
//! sent.
//!
//! An attempt that called an upstream is charged to the agent's part of the
//! session's budget, and to its part of the upstream's if that failed. One that
//! sent nothing costs nobody outside anything: it is charged to what the agent has
//! to itself, and never to an upstream.

use std::sync::Arc;
use std::time::Duration;

use super::state::SessionContext;
use fusebox_resilience::{Allowance, BudgetRules, Budgets, FairBudget, RetryBudget};

/// The retry budgets of a session, without those of its upstreams.
#[derive(Debug)]
pub struct SessionBudgets {
    /// For attempts that called upstreams.
    sent: FairBudget,
    /// For attempts that sent nothing, one for each agent.
    unsent: Box<[RetryBudget]>,
}

impl SessionBudgets {
    /// Those of so many agents, with nothing spent.
    pub fn new(agents: usize) -> Self {
        Self {
            sent: FairBudget::new(agents),
            unsent: (0..agents).map(|_| RetryBudget::of_a_minute()).collect(),
        }
    }

    /// What an agent may try again after attempts that sent nothing.
    fn unsent(&self, agent: usize, rules: &BudgetRules) -> Allowance<'_> {
        let rules = BudgetRules {
            share: rules.unsent_share,
            ..*rules
        };
        let own = self.unsent.get(agent);
        own.map_or(Allowance::NOTHING, |budget| budget.allowance(&rules))
    }
}

/// The upstreams that a task has called: its first attempt at each earns retries,
/// and no other does.
#[derive(Debug, Clone, Default)]
pub struct Called(Vec<Arc<str>>);

impl Called {
    /// None yet.
    pub(super) const NONE: Self = Self(Vec::new());
}

/// An agent that may try again, and the upstream that its attempt called last.
#[derive(Debug, Clone, Copy)]
pub struct Payer<'a> {
    /// The agent, as the session numbers it.
    pub agent: u16,
    /// The upstream that the attempt called last; none if it sent nothing.
    pub upstream: Option<&'a str>,
    /// How many retries there are.
    pub rules: BudgetRules,
}

impl Payer<'_> {
    /// The same after an attempt that called this upstream last.
    pub fn calling(self, upstream: Option<&str>) -> Payer<'_> {
        Payer {
            upstream,
            agent: self.agent,
            rules: self.rules,
        }
    }
}

impl SessionContext {
    /// Does something with the budgets that this agent's retries are charged to:
    /// the same for whole attempts and for what is tried again inside them.
    pub fn budgets<T>(&self, payer: Payer<'_>, with: impl FnOnce(&Budgets<'_>) -> T) -> T {
        let agent = usize::from(payer.agent);
        let Some(upstream) = payer.upstream else {
            let own = self.budgets.unsent(agent, &payer.rules);
            return with(&Budgets { own, upstream: None });
        };
        let upstream_state = self.gateway.upstream_state(upstream);
        with(&Budgets {
            own: self.budgets.sent.allowance(agent, &payer.rules),
            upstream: Some(upstream_state.allowance(agent, &payer.rules)),
        })
    }

    /// Counts the first attempt of a task: out of these its agent pays for retries
    /// that cost nobody outside anything.
    pub fn first_attempt(&self, payer: Payer<'_>, now: Duration) {
        let own = self.budgets.unsent(payer.agent.into(), &payer.rules);
        own.first_attempt(now);
    }

    /// Counts a task's first attempt at each upstream that it has not called
    /// before: out of these the retries at upstreams are paid.
    pub(super) fn first_calls(&self, payer: Payer<'_>, called: &mut Called, seen: &[Arc<str>]) {
        let (agent, now) = (usize::from(payer.agent), self.breakers.now());
        for upstream in seen {
            if called.0.contains(upstream) {
                continue;
            }
            if called.0.is_empty() {
                self.budgets
                    .sent
                    .allowance(agent, &payer.rules)
                    .first_attempt(now);
            }
            let upstream_state = self.gateway.upstream_state(upstream);
            upstream_state.allowance(agent, &payer.rules).first_attempt(now);
            called.0.push(upstream.clone());
        }
    }
}
