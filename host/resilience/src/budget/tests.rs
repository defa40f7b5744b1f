//! What a budget allows, and what it forgets.

use std::thread;

use super::*;
use fusebox_types::units::Rate;

pub(super) fn rules(percent: u32, reserve: u32) -> BudgetRules {
    BudgetRules {
        share: Rate::percent(percent),
        reserve,
        ..BudgetRules::NONE
    }
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn begin(budget: &RetryBudget, count: u32, rules: &BudgetRules, now: Duration) {
    (0..count).for_each(|_| budget.first_attempt(rules, now));
}

/// Charges until there is nothing left, and says how often.
fn drain(budget: &RetryBudget, rules: &BudgetRules, now: Duration) -> u64 {
    std::iter::from_fn(|| budget.charge(rules, now)).count() as u64
}

#[test]
fn the_reserve_and_a_share_of_first_attempts_are_allowed() {
    let (budget, rules) = (RetryBudget::default(), rules(20, 2));
    assert_eq!(drain(&budget, &rules, s(0)), 2);
    begin(&budget, 14, &rules, s(1));
    assert_eq!(budget.left(&rules, s(1)), 2);
    assert_eq!(drain(&budget, &rules, s(1)), 2);
    begin(&budget, 1, &rules, s(2));
    assert_eq!(drain(&budget, &rules, s(2)), 1, "parts of a retry add up");
    assert_eq!(budget.left(&rules, s(2)), 0);
}

/// Good tasks at two thousand a minute, and then an outage in which each task is
/// tried four times if it can be: at once, and after a minute.
#[test]
fn three_thousand_good_tasks_do_not_pay_for_three_hundred_in_an_outage() {
    for pause in [Duration::ZERO, s(60)] {
        let (budget, rules) = (RetryBudget::default(), rules(30, 10));
        for task in 0..3_000 {
            budget.first_attempt(&rules, Duration::from_millis(task * 30));
        }
        let began = s(90) + pause;
        let mut requests = 0;
        for task in 0..300 {
            let now = began + Duration::from_millis(task * 100);
            budget.first_attempt(&rules, now);
            let retries = (0..3).map_while(|_| budget.charge(&rules, now)).count();
            requests += 1 + retries;
        }
        let allowed = 300 * 13 / 10 + MOST_SAVED + rules.reserve;
        assert!(requests <= allowed as usize, "{requests} of {allowed}");
        assert!(
            requests >= 300 * 13 / 10,
            "{requests}: what is allowed was not used"
        );
    }
}

#[test]
fn what_is_earned_is_forgotten_after_a_minute() {
    let (budget, rules) = (RetryBudget::default(), rules(100, 0));
    begin(&budget, 5, &rules, s(7));
    assert_eq!(budget.left(&rules, s(67)), 5);
    assert_eq!(budget.left(&rules, s(70)), 0);
}

#[test]
fn no_more_is_saved_than_the_most_and_the_newest_of_it() {
    let (budget, rules) = (RetryBudget::default(), rules(100, 0));
    begin(&budget, 1_000, &rules, s(0));
    assert_eq!(budget.left(&rules, s(0)), u64::from(MOST_SAVED));
    begin(&budget, 30, &rules, s(30));
    assert_eq!(budget.left(&rules, s(30)), u64::from(MOST_SAVED));
    assert_eq!(budget.left(&rules, s(70)), 30);
}

#[test]
fn the_reserve_is_that_of_a_minute() {
    let (budget, rules) = (RetryBudget::default(), rules(0, 3));
    assert_eq!(drain(&budget, &rules, s(4)), 3);
    assert_eq!(drain(&budget, &rules, s(64)), 0);
    assert_eq!(drain(&budget, &rules, s(65)), 3);
}

/// What was earned goes first, so that the reserve is there for later.
#[test]
fn what_is_forgotten_first_is_taken_first() {
    let (budget, rules) = (RetryBudget::default(), rules(100, 1));
    begin(&budget, 1, &rules, s(0));
    begin(&budget, 1, &rules, s(30));
    let _taken = budget.charge(&rules, s(30)).unwrap();
    assert_eq!(budget.left(&rules, s(70)), 2, "of second 30, and the reserve");
}

#[test]
fn a_retry_that_is_not_made_is_given_back() {
    for (share, reserve) in [(0, 1), (100, 0)] {
        let (budget, rules) = (RetryBudget::default(), rules(share, reserve));
        begin(&budget, 1, &rules, s(0));
        budget.charge(&rules, s(0)).unwrap().give_back();
        let kept = budget.charge(&rules, s(0)).unwrap();
        assert!(budget.charge(&rules, s(0)).is_none());
        assert_eq!(budget.left(&rules, s(200)), u64::from(reserve));
        kept.give_back();
        assert_eq!(budget.left(&rules, s(200)), u64::from(reserve), "it is forgotten");
    }
}

#[test]
fn a_reload_changes_the_next_decision_and_loses_no_count() {
    let budget = RetryBudget::default();
    assert_eq!(drain(&budget, &rules(0, 5), s(0)), 5);
    assert_eq!(drain(&budget, &rules(0, 8), s(1)), 3);
    assert_eq!(budget.left(&rules(0, 2), s(1)), 0);
    assert!(budget.charge(&rules(0, 2), s(1)).is_none());
    begin(&budget, 4, &rules(50, 0), s(2));
    assert_eq!(drain(&budget, &rules(0, 0), s(2)), 2, "what is earned stays");
}

/// Threads that overtake each other, and the largest time there is.
#[test]
fn time_never_runs_backwards() {
    let (budget, rules) = (RetryBudget::default(), rules(100, 0));
    begin(&budget, 1, &rules, s(100));
    begin(&budget, 1, &rules, s(0));
    assert_eq!(budget.left(&rules, s(160)), 2);
    assert_eq!(budget.left(&rules, Duration::MAX), 0);
    begin(&budget, 1, &rules, s(0));
    assert_eq!(drain(&budget, &rules, Duration::MAX), 1);
}

/// Eight threads begin tasks and charge as much as they can, within a minute:
/// all that was earned is spent, and not one more.
#[test]
fn many_threads_never_pass_the_bound() {
    let (budget, rules) = (RetryBudget::default(), rules(20, 100));
    let spent: u64 = thread::scope(|scope| {
        let threads = [(); 8].map(|()| {
            scope.spawn(|| {
                (0..5_000_u64)
                    .map(|turn| {
                        let now = Duration::from_millis(turn * 10);
                        budget.first_attempt(&rules, now);
                        match budget.charge(&rules, now) {
                            Some(charge) if turn % 7 == 0 => charge.give_back(),
                            charge => return u64::from(charge.is_some()),
                        }
                        0
                    })
                    .sum::<u64>()
            })
        });
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let last = drain(&budget, &rules, s(50));
    assert_eq!(spent + last, 100 + 40_000 / 5, "{last} of them at the end");
}
