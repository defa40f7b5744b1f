use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::*;
use crate::config::{NoticeLevel, NoticeTopic};
use jiff::Timestamp;

const S: fn(u64) -> Duration = Duration::from_secs;
const FLOOR: u64 = 60;

fn alert(key: &str, lasts: Lasts) -> Alert {
    Alert::new(
        NoticeTopic::Breaker,
        NoticeLevel::Warning,
        key,
        Timestamp::UNIX_EPOCH,
        "it",
    )
    .lasting(lasts)
}

fn begins(key: &str) -> AlertChange {
    AlertChange::Begins(alert(key, Lasts::UntilEnded))
}

fn ends(key: &str) -> AlertChange {
    AlertChange::Ends(alert(key, Lasts::UntilEnded))
}

/// Whether it ended, and how often else it had begun.
fn short(notification: Option<Notification>) -> Option<(bool, u64)> {
    notification.map(|notification| (notification.ended, notification.repeats))
}

#[test]
fn a_matter_is_told_once_while_it_lasts_and_once_when_it_ends() {
    let mut dedup = Dedup::new(S(FLOOR));
    assert_eq!(short(dedup.say(begins("a"), S(0))), Some((false, 0)));
    assert_eq!(short(dedup.say(begins("a"), S(1))), None);
    assert_eq!(short(dedup.say(begins("b"), S(1))), Some((false, 0)));
    assert_eq!(short(dedup.say(begins("a"), S(500))), None);
    assert_eq!(short(dedup.say(ends("a"), S(501))), Some((true, 0)));
    assert_eq!(short(dedup.say(ends("a"), S(502))), None);
    assert_eq!(short(dedup.say(ends("never"), S(502))), None);
    assert_eq!(short(dedup.say(begins("a"), S(503))), Some((false, 0)));
}

#[test]
fn what_comes_and_goes_too_fast_is_counted_and_told_with_the_next() {
    let mut dedup = Dedup::new(S(FLOOR));
    dedup.say(begins("a"), S(0));
    dedup.say(ends("a"), S(1));
    for second in [10, 20, 30] {
        assert_eq!(short(dedup.say(begins("a"), S(second))), None);
        assert_eq!(short(dedup.say(ends("a"), S(second + 1))), None);
    }
    assert_eq!(dedup.next_due(), None, "it does not last");
    assert_eq!(dedup.untold().collect::<Vec<_>>(), [("a", 3)]);
    assert_eq!(short(dedup.say(begins("a"), S(100))), Some((false, 3)));
    assert_eq!(dedup.untold().count(), 0);
}

#[test]
fn what_lasts_past_the_interval_is_told_at_its_end() {
    let mut dedup = Dedup::new(S(FLOOR));
    dedup.say(begins("a"), S(0));
    dedup.say(ends("a"), S(1));
    assert_eq!(short(dedup.say(begins("a"), S(2))), None);
    assert_eq!(dedup.next_due(), Some(S(FLOOR)));
    assert!(dedup.due(S(FLOOR - 1)).is_empty());
    let told: Vec<_> = dedup.due(S(FLOOR)).into_iter().map(|t| short(Some(t))).collect();
    assert_eq!(told, [Some((false, 0))]);
    assert_eq!(dedup.next_due(), None);
    assert_eq!(short(dedup.say(ends("a"), S(FLOOR + 1))), Some((true, 0)));
}

#[test]
fn what_lasts_for_a_time_begins_anew_after_it() {
    let mut dedup = Dedup::new(S(FLOOR));
    let said = || AlertChange::Begins(alert("quota", Lasts::For(S(1000))));
    assert!(dedup.say(said(), S(0)).is_some());
    assert!(dedup.say(said(), S(999)).is_none());
    assert_eq!(short(dedup.say(said(), S(1000))), Some((false, 0)));
    let happens = || AlertChange::Begins(alert("strike", Lasts::For(S(0))));
    assert!(dedup.say(happens(), S(0)).is_some());
    assert!(dedup.say(happens(), S(1)).is_none());
    assert!(dedup.say(happens(), S(2)).is_none());
    let told = dedup.due(S(FLOOR));
    assert_eq!((told.len(), told[0].repeats), (1, 1));
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Begins,
    Ends,
    Look,
}

fn step() -> impl Strategy<Value = (Step, u64)> {
    let step = prop_oneof![
        proptest::strategy::Just(Step::Begins),
        proptest::strategy::Just(Step::Ends),
        proptest::strategy::Just(Step::Look)
    ];
    (step, 0..FLOOR)
}

proptest! {
    /// After any history: begin and end alternate in what is told, two
    /// beginnings are an interval apart, none is lost from the count, and once
    /// the interval is over a person has been told how it is.
    #[test]
    fn whatever_happens_a_person_is_told_the_truth_and_not_too_often(
        steps in proptest::collection::vec(step(), 0..60)
    ) {
        let mut dedup = Dedup::new(S(FLOOR));
        let (mut now, mut lasts, mut begun, mut counted) = (0, false, 0, 0);
        let (mut told_begun, mut last) = (false, None::<u64>);
        for (step, wait) in steps {
            now += wait;
            let told = match step {
                Step::Begins => {
                    begun += u64::from(!lasts);
                    lasts = true;
                    dedup.say(begins("a"), S(now)).into_iter().collect()
                }
                Step::Ends => {
                    lasts = false;
                    dedup.say(ends("a"), S(now)).into_iter().collect()
                }
                Step::Look => dedup.due(S(now)),
            };
            prop_assert!(told.len() <= 1);
            for notification in told {
                prop_assert_eq!(notification.ended, told_begun, "they alternate");
                told_begun = !notification.ended;
                if !notification.ended {
                    prop_assert!(last.is_none_or(|last| now >= last + FLOOR));
                    last = Some(now);
                    counted += 1 + notification.repeats;
                }
            }
            let untold: u64 = dedup.untold().map(|(_, count)| count).sum();
            prop_assert_eq!(begun, counted + untold);
            prop_assert!(!told_begun || lasts, "nobody believes in what is over");
        }
        let late: Vec<_> = dedup.due(S(now + FLOOR));
        prop_assert_eq!(told_begun || !late.is_empty(), lasts);
    }
}
