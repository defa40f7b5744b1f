//! What a guest may try again inside an attempt.
//!
//! Layers do not multiply: a try inside an attempt counts towards the task's
//! attempts and draws on the same budgets as an attempt does. So a task never
//! costs more tries than `max_attempts`, however they are divided.

use std::time::Duration;

use super::budgets::{Called, Payer};
use super::state::SessionContext;
use crate::gateway::{Seen, meanings};
use fusebox_resilience::{self, BudgetRules, Facts, GiveUp, RetryRules, RetryState, Verdict};
use fusebox_types::failure::Failure;

/// The retries of one attempt's operations.
#[derive(Debug)]
pub struct InnerRetries {
    rules: Option<RetryRules>,
    /// Who pays, besides an upstream.
    payer: Payer<'static>,
    /// The upstreams that the task has called.
    called: Called,
    /// Tries of the task when the attempt began, the attempt included.
    before: u32,
    /// The same with those that were made inside the attempt.
    tries: u32,
    seed: u64,
}

/// A failure of an operation, and what is known beside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failed<'a> {
    pub(super) failure: &'a Failure,
    /// What was seen of the attempt until then.
    pub(super) seen: &'a Seen,
    /// What is left of the attempt's time.
    pub(super) remaining: Duration,
}

impl InnerRetries {
    /// None are allowed.
    pub(crate) const NONE: Self = Self {
        rules: None,
        payer: Payer {
            agent: 0,
            upstream: None,
            rules: BudgetRules::NONE,
        },
        called: Called::NONE,
        before: 0,
        tries: 0,
        seed: 0,
    };

    /// Those of a task that this is the so-manieth try of.
    pub fn new(rules: RetryRules, payer: Payer<'static>, called: Called, tries: u32, seed: u64) -> Self {
        Self {
            rules: Some(rules),
            payer,
            called,
            before: tries,
            tries,
            seed,
        }
    }

    /// Counts the task's first calls among those that were seen.
    pub(super) fn count_calls(&mut self, seen: &Seen, outside: &SessionContext) {
        outside.first_calls(self.payer, &mut self.called, &seen.called);
    }

    /// The upstreams that the task has called.
    pub(super) fn called(self) -> Called {
        self.called
    }

    /// Tries of the task, those inside the attempt included.
    pub(super) fn tries(&self) -> u32 {
        self.tries
    }

    /// What comes after an operation's failure: decided, charged and counted. The
    /// guest asked for it, so doing it twice is no harm.
    pub(super) fn after(
        &mut self,
        operation: &mut RetryState,
        failed: Failed<'_>,
        outside: &SessionContext,
    ) -> Verdict {
        self.count_calls(failed.seen, outside);
        let Some(rules) = &self.rules else {
            return Verdict::GiveUp(GiveUp::Attempts);
        };
        operation.count_up_to(self.tries);
        let made = self.tries.saturating_sub(self.before);
        let facts = Facts {
            now: outside.breakers.now(),
            remaining: Some(failed.remaining),
            idempotent: true,
            random: fusebox_resilience::random(self.seed, self.tries, made),
            meanings: meanings(),
        };
        let payer = self.payer.calling(failed.seen.upstream().map(|name| &**name));
        let verdict = outside.budgets(payer, |budgets| {
            operation.after(failed.failure, rules, &facts, budgets)
        });
        self.tries = operation.tries();
        verdict
    }
}
