use std::thread;
use std::time::Duration;

use proptest::prelude::*;

use super::super::super::arbitrary;
use super::super::tests::rules;
use super::*;

const NOW: Duration = Duration::from_secs(7);

fn begin(budget: &FairBudget, agent: usize, count: u32, rules: &BudgetRules) {
    (0..count).for_each(|_| budget.allowance(agent, rules).first_attempt(NOW));
}

fn drain(budget: &FairBudget, agent: usize, rules: &BudgetRules) -> u32 {
    std::iter::from_fn(|| budget.allowance(agent, rules).charge(NOW)).count() as u32
}

#[test]
fn one_that_fails_on_purpose_leaves_the_others_theirs() {
    let (budget, rules) = (FairBudget::new(2), rules(20, 10));
    begin(&budget, 0, 50, &rules);
    begin(&budget, 1, 5, &rules);
    assert_eq!(drain(&budget, 0, &rules), 5 + 10);
    assert_eq!(budget.allowance(0, &rules).left(NOW), 0);
    assert_eq!(drain(&budget, 1, &rules), 5 + 1);
}

/// The first two have spent the reserve, and not what others have earned.
#[test]
fn who_comes_late_has_what_it_earned() {
    let (budget, rules) = (FairBudget::new(4), rules(20, 10));
    begin(&budget, 3, 5, &rules);
    assert_eq!(drain(&budget, 0, &rules) + drain(&budget, 1, &rules), 10);
    assert_eq!(drain(&budget, 3, &rules), 1);
    assert_eq!(drain(&budget, 2, &rules), 0);
}

#[test]
fn who_does_not_take_part_has_nothing() {
    let rules = rules(100, 10);
    for (budget, agent) in [(FairBudget::new(0), 0), (FairBudget::new(2), 2)] {
        begin(&budget, agent, 1, &rules);
        assert!(budget.allowance(agent, &rules).charge(NOW).is_none());
        assert_eq!(budget.allowance(agent, &rules).left(NOW), 0);
    }
}

#[test]
fn one_agent_alone_has_the_whole_budget() {
    let (budget, rules) = (FairBudget::new(1), rules(50, 7));
    begin(&budget, 0, 4, &rules);
    assert_eq!(drain(&budget, 0, &rules), 9);
    begin(&budget, 0, 1_000, &rules);
    let for_retries = 9 / 2;
    assert_eq!(drain(&budget, 0, &rules), MOST_SAVED + for_retries);
}

#[test]
fn what_is_saved_is_divided_as_far_as_that_makes_sense() {
    let rules = rules(100, 0);
    for (agents, saved) in [(1, 50), (2, 25), (3, 20), (100, 20)] {
        let budget = FairBudget::new(agents);
        begin(&budget, agents - 1, 1_000, &rules);
        assert_eq!(drain(&budget, agents - 1, &rules), saved, "{agents} agents");
    }
}

#[test]
fn many_threads_never_pass_the_bound_of_all() {
    let (budget, rules) = (FairBudget::new(3), rules(20, 10));
    let spent: u32 = thread::scope(|scope| {
        let work = |agent| {
            let (budget, rules) = (&budget, &rules);
            move || {
                let turn = |_| {
                    budget.allowance(agent, rules).first_attempt(NOW);
                    u32::from(budget.allowance(agent, rules).charge(NOW).is_some())
                };
                (0..2_000).map(turn).sum::<u32>()
            }
        };
        let threads: Vec<_> = (0..9).map(|thread| scope.spawn(work(thread % 3))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let last: u32 = (0..3).map(|agent| drain(&budget, agent, &rules)).sum();
    assert_eq!(spent + last, 10 + 18_000 / 5, "{last} of them at the end");
}

proptest! {
    #![proptest_config(arbitrary::cases(500))]

    /// All parts spent to the last are within one budget for all, and have what
    /// is saved besides.
    #[test]
    fn the_parts_fit_into_the_whole(
        firsts in prop::collection::vec(0..40_u32, 1..12), percent in 0..=100_u32, reserve in 0..60_u32,
    ) {
        let (budget, rules) = (FairBudget::new(firsts.len()), rules(percent, reserve));
        let mut spent = 0;
        for (agent, count) in firsts.iter().enumerate() {
            begin(&budget, agent, *count, &rules);
            spent += drain(&budget, agent, &rules);
        }
        let share = rules.share.of(u64::from(firsts.iter().sum::<u32>()));
        prop_assert!(spent >= reserve);
        prop_assert!(u64::from(spent) <= u64::from(reserve) + share);
    }
}
