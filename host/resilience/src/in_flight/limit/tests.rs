use proptest::prelude::*;

use super::*;
use crate::arbitrary::cases;
use crate::random;

const MOST: u32 = 4;

fn answered(ms: u64) -> Outcome {
    let latency = Duration::from_millis(ms);
    Outcome::Success { latency }
}

/// So many requests at once, all places in use, which all end so.
fn burst(limit: &mut AdaptiveLimit, outcome: Outcome, most: u32) {
    let sent: Vec<_> = (1..=limit.current(most)).map(|n| limit.sent(n, most)).collect();
    for sent in sent {
        limit.ended(sent, outcome, most);
    }
}

/// One request while all places are in use.
fn one(limit: &mut AdaptiveLimit, outcome: Outcome, most: u32) {
    let sent = limit.sent(limit.current(most), most);
    limit.ended(sent, outcome, most);
}

fn successes_until_full(limit: &mut AdaptiveLimit, most: u32) -> u32 {
    (0..)
        .find(|_| {
            let full = limit.current(most) == most;
            one(limit, answered(5), most);
            full
        })
        .unwrap()
}

#[test]
fn it_begins_with_all_places_and_follows_the_rules_while_nothing_is_wrong() {
    let mut limit = AdaptiveLimit::default();
    burst(&mut limit, answered(5), MOST);
    assert_eq!([1, 4, 1_000].map(|most| limit.current(most)), [1, 4, 1_000]);
    assert_eq!(limit.current(0), 1, "never none");
}

#[test]
fn a_burst_of_refusals_is_one_decrease() {
    let mut limit = AdaptiveLimit::default();
    burst(&mut limit, Outcome::Refused, 16);
    assert_eq!(limit.current(16), 8);
    burst(&mut limit, Outcome::Refused, 16);
    assert_eq!(limit.current(16), 4);
}

#[test]
fn what_was_sent_before_it_was_lowered_raises_nothing() {
    let mut limit = AdaptiveLimit::default();
    let sent: Vec<_> = (1..=100).map(|n| limit.sent(n, 100)).collect();
    one(&mut limit, Outcome::Refused, 100);
    for sent in sent {
        limit.ended(sent, answered(5), 100);
    }
    assert_eq!(limit.current(100), 50);
}

#[test]
fn each_limits_worth_of_successes_gives_one_more_place() {
    let mut limit = AdaptiveLimit::default();
    (0..4).for_each(|_| burst(&mut limit, Outcome::Refused, MOST));
    let mut successes = vec![];
    while limit.current(MOST) < MOST {
        let before = limit.current(MOST);
        let raised = |_: &u32| {
            one(&mut limit, answered(5), MOST);
            limit.current(MOST) > before
        };
        successes.push((1..).find(raised).unwrap());
    }
    assert_eq!(successes, [1, 10, 3], "it was refused at two: a window of ten");
}

/// One place of many shows nothing of what the service takes.
#[test]
fn a_light_load_raises_nothing() {
    let mut limit = AdaptiveLimit::default();
    burst(&mut limit, Outcome::Refused, 16);
    for _ in 0..1_000 {
        let sent = limit.sent(1, 16);
        limit.ended(sent, answered(5), 16);
    }
    assert_eq!(limit.current(16), 8);
}

#[test]
fn neutral_ends_change_nothing() {
    let mut limit = AdaptiveLimit::default();
    burst(&mut limit, Outcome::Refused, MOST);
    (0..100).for_each(|_| burst(&mut limit, Outcome::Neutral, MOST));
    assert_eq!(limit.current(MOST), 2);
}

#[test]
fn a_reload_is_followed() {
    let mut limit = AdaptiveLimit::default();
    burst(&mut limit, Outcome::Refused, 8);
    assert_eq!([2, 4, 100].map(|most| limit.current(most)), [2, 4, 4]);
}

/// Only where the limit is what binds, and one at a time.
#[test]
fn latencies_that_rise_lower_it_gently() {
    let mut limit = AdaptiveLimit::default();
    (0..50).for_each(|_| one(&mut limit, answered(1_000), MOST));
    (0..10).for_each(|_| one(&mut limit, answered(3_000), MOST));
    assert_eq!(limit.current(MOST), 3);
    (0..9).for_each(|_| one(&mut limit, answered(3_000), MOST));
    assert_eq!(limit.current(MOST), 3, "no success raises it while they are high");
    one(&mut limit, answered(3_000), MOST);
    assert_eq!(limit.current(MOST), 2);
    (0..40).for_each(|_| one(&mut limit, answered(1_000), MOST));
    assert_eq!(limit.current(MOST), 4);
}

#[test]
fn latencies_of_a_service_that_is_asked_little_lower_nothing() {
    let mut limit = AdaptiveLimit::default();
    for ms in [[1_000; 30], [9_000; 30]].concat() {
        let sent = limit.sent(2, MOST);
        limit.ended(sent, answered(ms), MOST);
    }
    assert_eq!(limit.current(MOST), MOST);
}

/// Milliseconds that became a few more are the machine's, not the service's.
#[test]
fn a_rise_that_slows_nobody_down_lowers_nothing() {
    let mut limit = AdaptiveLimit::default();
    (0..30).for_each(|_| one(&mut limit, answered(2), MOST));
    (0..300).for_each(|_| one(&mut limit, answered(40), MOST));
    assert_eq!(limit.current(MOST), MOST);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Send(u32),
    End(usize, Outcome),
    Most(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        5 => (0..100_000_u64).prop_map(answered),
        2 => Just(Outcome::Refused),
        1 => Just(Outcome::Neutral),
        1 => Just(Outcome::Success { latency: Duration::MAX }),
    ];
    prop_oneof![
        4 => (0..20_u32).prop_map(Step::Send),
        4 => (any::<usize>(), outcome).prop_map(|(at, outcome)| Step::End(at, outcome)),
        1 => (1..16_u32).prop_map(Step::Most),
    ]
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn it_stays_in_its_bounds_and_always_comes_back(
        steps in prop::collection::vec(step(), 1..400), most in 1..16_u32,
    ) {
        let (mut limit, mut most, mut under_way) = (AdaptiveLimit::default(), most, vec![]);
        for step in steps {
            match step {
                Step::Send(in_use) => under_way.push(limit.sent(in_use, most)),
                Step::End(at, outcome) if !under_way.is_empty() => {
                    let sent = under_way.swap_remove(at % under_way.len());
                    limit.ended(sent, outcome, most);
                }
                Step::End(..) => {}
                Step::Most(changed) => most = changed,
            }
            prop_assert!((1..=most).contains(&limit.current(most)));
        }
        // Whatever came before: two windows until a rise is over, and then the bound.
        let bound = most * (most - 1) / 2 + 10 + 31 * (2 * most).saturating_sub(3) + 20;
        prop_assert!(successes_until_full(&mut limit, most) <= bound);
    }

    #[test]
    fn after_a_first_storm_it_is_back_within_the_stated_number(most in 1..50_u32, refusals in 1..40) {
        let mut limit = AdaptiveLimit::default();
        (0..refusals).for_each(|_| burst(&mut limit, Outcome::Refused, most));
        prop_assert!(successes_until_full(&mut limit, most) <= most * (most - 1) / 2 + 10);
    }

    /// Slow or quick, and each latency anywhere from half to half as much again.
    #[test]
    fn noise_lowers_nothing(seed in any::<u64>(), mean in 1..60_000_u64) {
        let mut limit = AdaptiveLimit::default();
        for n in 0..3_000_u32 {
            let noise = random(seed, n, 1) % (mean + 1);
            one(&mut limit, answered(mean / 2 + noise), MOST);
            prop_assert_eq!(limit.current(MOST), MOST, "{}", n);
        }
    }
}
