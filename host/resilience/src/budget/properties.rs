//! Any history of a budget, held against a list of what was done when.

use proptest::prelude::*;

use super::super::arbitrary;
use super::tests::rules;
use super::*;

const MINUTE: u64 = 60_000;

/// What is done next: so many first attempts and so many tries to charge, so many
/// milliseconds later.
fn steps() -> impl Strategy<Value = Vec<(u64, u32, u32)>> {
    let pause = prop_oneof![4 => 0..2_000_u64, 2 => 0..20_000_u64, 1 => 0..200_000_u64];
    prop::collection::vec((pause, 0..60_u32, 0..80_u32), 1..80)
}

/// First attempts and retries that were made, with their times.
#[derive(Debug, Default)]
struct History {
    firsts: Vec<u64>,
    retries: Vec<u64>,
}

impl History {
    fn within(times: &[u64], from: u64, to: u64) -> u64 {
        let before = times.partition_point(|at| *at < from);
        let end = times.partition_point(|at| *at <= to);
        (end - before) as u64
    }

    /// Whether the bound holds in each minute that begins with a retry; no other
    /// has more of them.
    fn holds(&self, rules: &BudgetRules) -> Result<(), TestCaseError> {
        for from in &self.retries {
            let to = from + MINUTE;
            let before = Self::within(&self.retries, from.saturating_sub(MINUTE + 5_000), from - 1);
            let earning = Self::within(&self.firsts, *from, to) + before;
            let bound = u64::from(rules.reserve) + u64::from(MOST_SAVED) + rules.share.of(earning) + 1;
            let made = Self::within(&self.retries, *from, to);
            prop_assert!(made <= bound, "{made} of {bound} from {from} on");
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(arbitrary::cases(300))]

    /// In no minute, wherever it begins, are there more retries than the bound.
    #[test]
    fn no_minute_has_more_than_the_bound(
        script in steps(), percent in 0..=100_u32, reserve in 0..20_u32, start in 0..MINUTE,
    ) {
        let (budget, rules) = (RetryBudget::default(), rules(percent, reserve));
        let (mut now, mut history) = (start, History::default());
        for (pause, firsts, tries) in script {
            now += pause;
            let at = Duration::from_millis(now);
            for _ in 0..firsts {
                budget.first_attempt(&rules, at);
                history.firsts.push(now);
            }
            let left = budget.left(&rules, at);
            let made = (0..tries).map_while(|_| budget.charge(&rules, at)).count();
            prop_assert_eq!(made as u64, left.min(u64::from(tries)), "what is left can be charged");
            history.retries.extend(std::iter::repeat_n(now, made));
        }
        history.holds(&rules)?;
    }

    /// Nobody is refused who has made fewer retries in the last minute and a
    /// slice of time than its first attempts there have earned, or than the
    /// reserve: the budget is not only bounded, it can be used.
    #[test]
    fn what_the_last_minute_earned_can_be_spent(script in steps(), reserve in 0..20_u32) {
        let (budget, rules) = (RetryBudget::default(), rules(30, reserve));
        let (mut now, mut history) = (0, History::default());
        for (pause, firsts, tries) in script {
            now += pause;
            let at = Duration::from_millis(now);
            for _ in 0..firsts {
                budget.first_attempt(&rules, at);
                history.firsts.push(now);
            }
            for _ in 0..tries {
                let back = |time| now.saturating_sub(time);
                let spent = History::within(&history.retries, back(MINUTE + 5_000), now);
                let earned = rules.share.of(History::within(&history.firsts, back(MINUTE), now));
                let owed = earned.min(u64::from(MOST_SAVED)).max(u64::from(reserve));
                let charged = budget.charge(&rules, at).is_some();
                prop_assert!(charged || spent >= owed, "{spent} of {owed} at {now}");
                history.retries.extend(charged.then_some(now));
            }
        }
    }
}
