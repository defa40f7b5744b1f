//! How far something that is tried again has come, and the step after a failure.

use std::time::Duration;

use super::{Budgets, GiveUp, Meanings, Snapshot, Verdict, decide};
use crate::RetryRules;
use fusebox_types::failure::Failure;

/// How far something that is tried again has come. Whoever makes the tries keeps
/// one, and asks it after each failure.
///
/// [`after`](Self::after) is the whole step. Where a policy component decides, the
/// step is [`snapshot`](Self::snapshot), the question, and [`apply`](Self::apply).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryState {
    tries: u32,
    previous_delay: Duration,
    started: Option<Duration>,
}

/// What is known when a try has failed, beside the state and the rules.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The time, on the clock that the state goes by.
    pub now: Duration,
    /// Time until the deadline; none if there is none.
    pub remaining: Option<Duration>,
    /// Whether another try does no harm.
    pub idempotent: bool,
    /// What jitter is drawn from.
    pub random: u64,
    /// What codes of guests mean.
    pub meanings: &'a Meanings,
}

impl Default for RetryState {
    /// The first try is due.
    fn default() -> Self {
        Self::resumed(1, Duration::ZERO)
    }
}

impl RetryState {
    /// The first try begins now.
    pub fn begun(now: Duration) -> Self {
        Self {
            started: Some(now),
            ..Self::default()
        }
    }

    /// The so-manieth try is due, after this wait. Its time begins with it.
    pub const fn resumed(tries: u32, previous_delay: Duration) -> Self {
        Self {
            tries,
            previous_delay,
            started: None,
        }
    }

    /// Notes that a try begins: time counts from the first.
    pub fn begin(&mut self, now: Duration) {
        self.started.get_or_insert(now);
    }

    /// Notes that it was held back for so long before the next try: that is none of its
    /// own time.
    pub fn was_held(&mut self, held: Duration) {
        self.started = self.started.map(|started| started.saturating_add(held));
    }

    /// Tries so far, with the one that is due or under way: from 1.
    pub const fn tries(&self) -> u32 {
        self.tries
    }

    /// The wait before the try that is due or under way.
    pub const fn previous_delay(&self) -> Duration {
        self.previous_delay
    }

    /// When the first try began.
    pub const fn started(&self) -> Option<Duration> {
        self.started
    }

    /// Counts tries that were made inside this one or beside it, of which there
    /// are so many in all: layers do not multiply.
    pub fn count_up_to(&mut self, tries: u32) {
        self.tries = self.tries.max(tries);
    }

    /// What a decision about a failure is made from.
    pub fn snapshot<'f>(&self, failure: &'f Failure, facts: &Facts<'f>) -> Snapshot<'f> {
        let started = self.started.unwrap_or(facts.now);
        Snapshot {
            failure,
            attempt: self.tries,
            previous_delay: self.previous_delay,
            elapsed: facts.now.saturating_sub(started),
            remaining: facts.remaining,
            idempotent: facts.idempotent,
            meanings: facts.meanings,
        }
    }

    /// Carries a decision out: charges another try to the budgets and counts it.
    /// The verdict that is left is the one to follow.
    pub fn apply(
        &mut self,
        verdict: Verdict,
        failure: &Failure,
        budgets: &Budgets<'_>,
        now: Duration,
    ) -> Verdict {
        match verdict {
            Verdict::Again(_) if !budgets.pay(failure, now) => Verdict::GiveUp(GiveUp::Budget),
            Verdict::Again(wait) => {
                self.go_on(wait);
                verdict
            }
            Verdict::GiveUp(_) => verdict,
        }
    }

    /// What comes after a failure by the built-in policy: decided, charged and
    /// counted.
    pub fn after(
        &mut self,
        failure: &Failure,
        rules: &RetryRules,
        facts: &Facts<'_>,
        budgets: &Budgets<'_>,
    ) -> Verdict {
        let verdict = decide(rules, &self.snapshot(failure, facts), facts.random);
        self.apply(verdict, failure, budgets, facts.now)
    }

    /// Counts another try, after this wait, that is paid for or free.
    pub fn go_on(&mut self, wait: Duration) {
        self.tries = self.tries.saturating_add(1);
        self.previous_delay = wait;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BudgetRules, FairBudget, Jitter, RetryBudget, Strategy};
    use fusebox_types::failure::Code;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn rules() -> RetryRules {
        RetryRules {
            strategy: Strategy::Exponential,
            jitter: Jitter::None,
            max_attempts: 9,
            ..RetryRules::default()
        }
    }

    fn reserve(reserve: u32) -> BudgetRules {
        BudgetRules {
            reserve,
            ..BudgetRules::NONE
        }
    }

    fn at(now: u64) -> Facts<'static> {
        Facts {
            now: MS(now),
            remaining: None,
            idempotent: true,
            random: 0,
            meanings: Meanings::NONE,
        }
    }

    #[test]
    fn a_step_decides_charges_and_counts() {
        let (budget, rules) = (RetryBudget::default(), rules());
        let own = budget.allowance(&reserve(2));
        let budgets = Budgets { own, upstream: None };
        let failure = Failure::new(Code::TrapPanic, "");
        let mut state = RetryState::begun(MS(50));
        assert_eq!(state.snapshot(&failure, &at(70)).elapsed, MS(20));
        let mut after = |now| state.after(&failure, &rules, &at(now), &budgets);
        assert_eq!(after(70), Verdict::Again(MS(100)));
        assert_eq!(after(170), Verdict::Again(MS(200)));
        assert_eq!(after(370), Verdict::GiveUp(GiveUp::Budget));
        assert_eq!((state.tries(), state.previous_delay()), (3, MS(200)));
        assert_eq!(state.started(), Some(MS(50)));
    }

    #[test]
    fn tries_elsewhere_count_and_time_begins_with_the_first_try() {
        let failure = Failure::new(Code::TrapPanic, "");
        let mut state = RetryState::resumed(2, MS(7));
        assert_eq!(state.snapshot(&failure, &at(900)).elapsed, MS(0));
        state.begin(MS(1_000));
        state.begin(MS(1_500));
        state.count_up_to(5);
        state.count_up_to(3);
        let snapshot = state.snapshot(&failure, &at(1_600));
        assert_eq!((snapshot.attempt, snapshot.previous_delay), (5, MS(7)));
        assert_eq!(snapshot.elapsed, MS(600));
    }

    /// Whose fault it is decides who pays besides oneself; what is not made
    /// costs nobody anything; back-pressure is free.
    #[test]
    fn an_upstream_pays_for_what_is_its_fault() {
        let rows = [
            (Code::HttpServerError, true, 4, 4),
            (Code::TrapPanic, true, 4, 5),
            (Code::ShedQueue, true, 5, 5),
        ];
        for (code, paid, own_left, upstream_left) in rows {
            let (own, upstream) = (FairBudget::new(1), FairBudget::new(1));
            let budgets = Budgets {
                own: own.allowance(0, &reserve(5)),
                upstream: Some(upstream.allowance(0, &reserve(5))),
            };
            let failure = Failure::new(code, "");
            assert!(budgets.can_pay(&failure, MS(0)));
            assert_eq!(budgets.pay(&failure, MS(0)), paid, "{failure}");
            let left = budgets.upstream.map(|upstream| upstream.left(MS(0)));
            assert_eq!((budgets.own.left(MS(0)), left), (own_left, Some(upstream_left)));
        }
        for (own_has, upstream_has) in [(0, 5), (5, 0)] {
            let (own, upstream) = (FairBudget::new(1), FairBudget::new(1));
            let budgets = Budgets {
                own: own.allowance(0, &reserve(own_has)),
                upstream: Some(upstream.allowance(0, &reserve(upstream_has))),
            };
            let failure = Failure::new(Code::HttpServerError, "");
            assert!(!budgets.can_pay(&failure, MS(0)));
            assert!(!budgets.pay(&failure, MS(0)));
            let left = budgets.upstream.map(|upstream| upstream.left(MS(0)));
            assert_eq!(budgets.own.left(MS(0)), u64::from(own_has));
            assert_eq!(left, Some(u64::from(upstream_has)));
        }
    }
}
