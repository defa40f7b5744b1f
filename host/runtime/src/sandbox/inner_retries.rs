//! What a guest may try again inside an attempt.
//!
//! Layers do not multiply: a try inside an attempt counts towards the task's
//! attempts and draws on the same budget as an attempt does. So a task never
//! costs more tries than `max_attempts`, however they are divided.

use std::time::Duration;

use fusebox_resilience::{self, BudgetRules, FairBudget, GiveUp, RetryRules, Snapshot, Verdict, decide};
use fusebox_types::failure::Failure;

/// The retries of one attempt's operations.
#[derive(Debug)]
pub struct InnerRetries {
    rules: Option<RetryRules>,
    agent: usize,
    budget: BudgetRules,
    /// Tries of the task before the one that may fail next.
    tries: u32,
    made: u32,
    seed: u64,
}

impl InnerRetries {
    /// None are allowed.
    pub(crate) const NONE: Self = Self {
        rules: None,
        agent: 0,
        budget: BudgetRules {
            share: fusebox_types::units::Rate(0),
            reserve: 0,
        },
        tries: 0,
        made: 0,
        seed: 0,
    };

    /// Those of a task that this is the so-manieth try of.
    pub fn new(rules: RetryRules, agent: u16, budget: BudgetRules, tries: u32, seed: u64) -> Self {
        Self {
            rules: Some(rules),
            agent: usize::from(agent),
            budget,
            tries,
            made: 0,
            seed,
        }
    }

    /// How many were made.
    pub(super) fn made(&self) -> u32 {
        self.made
    }

    /// Decides about an operation that failed, and charges the budget. The
    /// guest asked for it, so doing it twice is no harm.
    pub(super) fn decide(
        &mut self,
        failure: &Failure,
        (previous_delay, elapsed, remaining): (Duration, Duration, Duration),
        (budget, now): (&FairBudget, Duration),
    ) -> Verdict {
        let Some(rules) = &self.rules else {
            return Verdict::GiveUp(GiveUp::Attempts);
        };
        let snapshot = Snapshot {
            failure,
            attempt: self.tries,
            previous_delay,
            elapsed,
            remaining: Some(remaining),
            idempotent: true,
        };
        let random = fusebox_resilience::random(self.seed, self.tries, self.made);
        let verdict = decide(rules, &snapshot, random);
        if let Verdict::Again(_) = verdict {
            if budget.charge(self.agent, &self.budget, now).is_none() {
                return Verdict::GiveUp(GiveUp::Budget);
            }
            self.tries = self.tries.saturating_add(1);
            self.made = self.made.saturating_add(1);
        }
        verdict
    }
}
