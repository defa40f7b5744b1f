//! What is kept is written down, read, and gone on from.

use proptest::prelude::*;

use super::super::permit::Outcome;
use super::*;

const NOON: u64 = 1_800_000_000_000;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn written(kept: &KeptBreaker) -> KeptBreaker {
    serde_json::from_str(&serde_json::to_string(kept).unwrap()).unwrap()
}

fn fail(breaker: &mut Breaker, rules: &BreakerRules, now: Duration) {
    if let Ok(grant) = breaker.try_acquire(rules, now) {
        breaker.finish(grant.permit, Outcome::Failure, ms(1), rules, now, 7);
    }
}

fn open_since(now: Duration) -> Breaker {
    let mut breaker = Breaker::new(Duration::ZERO);
    for _ in 0..5 {
        fail(&mut breaker, &BreakerRules::default(), now);
    }
    breaker
}

fn restored(kept: &KeptBreaker, unix: u64) -> Breaker {
    let mut breaker = Breaker::new(Duration::ZERO);
    breaker.restore(&written(kept), Duration::ZERO, unix);
    breaker
}

#[test]
fn an_open_circuit_stays_open_for_what_is_left_and_then_is_probed() {
    let rules = BreakerRules::default();
    let before = open_since(ms(1_000));
    let kept = before.keep(&rules, ms(6_000), NOON).unwrap();
    assert_eq!((kept.since, kept.trips), (NOON - 5_000, 1));
    let mut after = restored(&kept, NOON + 2_000);
    let refusal = after.try_acquire(&rules, Duration::ZERO).unwrap_err();
    let left = refusal.until.unwrap();
    assert_eq!(NOON + 2_000 + left.as_millis() as u64, kept.until.unwrap());
    assert!(after.try_acquire(&rules, left - ms(1)).is_err());
    let probe = after.try_acquire(&rules, left).unwrap();
    assert_eq!(probe.transition.unwrap().to, State::HalfOpen);
}

#[test]
fn a_wall_clock_that_was_set_back_begins_the_wait_anew_and_no_more() {
    let rules = BreakerRules::default();
    let kept = open_since(ms(1_000)).keep(&rules, ms(1_000), NOON).unwrap();
    let after = restored(&kept, NOON - 86_400_000);
    let until = after.snapshot(&rules, Duration::ZERO).until.unwrap();
    assert!(until <= rules.open_time, "{until:?}");
    assert!(
        restored(&kept, u64::MAX)
            .try_acquire(&rules, Duration::ZERO)
            .is_ok()
    );
    assert!(restored(&kept, 0).try_acquire(&rules, Duration::ZERO).is_err());
}

#[test]
fn what_nobody_has_to_know_is_not_kept() {
    let rules = BreakerRules::default();
    let mut breaker = Breaker::new(Duration::ZERO);
    fail(&mut breaker, &rules, ms(1));
    assert_eq!(breaker.keep(&rules, ms(2), NOON), None);
    let mut reset = open_since(ms(1));
    reset.reset(&rules, ms(2));
    assert_eq!(reset.keep(&rules, ms(3), NOON), None);
}

#[test]
fn an_order_holds_until_it_is_reset() {
    let rules = BreakerRules::default();
    let mut breaker = Breaker::new(Duration::ZERO);
    breaker.force_open(&rules, ms(5));
    let year = 365 * 86_400_000;
    let mut after = restored(&breaker.keep(&rules, ms(5), NOON).unwrap(), NOON + year);
    assert!(after.try_acquire(&rules, Duration::ZERO).is_err());
    after.disable(&rules, Duration::ZERO);
    let again = restored(&after.keep(&rules, ms(1), NOON).unwrap(), NOON + year);
    assert_eq!(again.state(&rules), State::Disabled);
}

/// What a breaker is seen to do.
fn seen(breaker: &mut Breaker, rules: &BreakerRules, step: u8, now: Duration) -> (String, State, u32) {
    let did = match step {
        0 => format!(
            "{:?}",
            breaker.reset(rules, now).map(|change| (change.from, change.to))
        ),
        1 => format!("{:?}", breaker.force_open(rules, now).map(|change| change.to)),
        _ => match breaker.try_acquire(rules, now) {
            Err(refusal) => format!("{:?} {:?}", refusal.state, refusal.until.map(|until| until - now)),
            Ok(grant) => {
                let outcome = if step.is_multiple_of(2) {
                    Outcome::Failure
                } else {
                    Outcome::Success
                };
                let change = breaker.finish(grant.permit, outcome, ms(1), rules, now, 7);
                format!(
                    "{:?} {:?}",
                    grant.transition.map(|change| change.to),
                    change.map(|change| change.to)
                )
            }
        },
    };
    (did, breaker.state(rules), breaker.snapshot(rules, now).trips)
}

proptest! {
    /// Kept at any change of state and restored in another process, on another
    /// clock, after any gap, a breaker decides as one that was never stopped.
    #[test]
    fn a_restored_circuit_decides_as_one_that_went_on(
        before in prop::collection::vec((0_u8..12, 0_u64..40_000), 1..80),
        gap in 0_u64..200_000,
        after in prop::collection::vec((0_u8..12, 0_u64..40_000), 1..80),
    ) {
        let rules = BreakerRules { open_jitter: fusebox_types::units::Rate::percent(0), ..BreakerRules::default() };
        let (mut on, mut now) = (Breaker::new(Duration::ZERO), Duration::ZERO);
        for (step, wait) in before {
            now += ms(wait);
            seen(&mut on, &rules, step, now);
        }
        // Where there is nothing counted: probes and a closed breaker's counts are
        // not kept.
        let counted = matches!(on.phase, Phase::HalfOpen(_)) || on.counts(&rules, now).calls > 0
            && matches!(on.phase, Phase::Closed);
        prop_assume!(!counted);
        let mut other = Breaker::new(Duration::ZERO);
        if let Some(kept) = on.keep(&rules, now, NOON) {
            other.restore(&written(&kept), Duration::ZERO, NOON + gap);
        }
        let mut later = Duration::ZERO;
        now += ms(gap);
        for (step, wait) in after {
            (now, later) = (now + ms(wait), later + ms(wait));
            prop_assert_eq!(seen(&mut on, &rules, step, now), seen(&mut other, &rules, step, later));
        }
    }
}
