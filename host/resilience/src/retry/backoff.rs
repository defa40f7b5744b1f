//! How long to wait before an attempt.
//!
//! The wait grows by the strategy, jitter is drawn from what has grown, and the
//! cap comes last (as in smithy-rs and botocore). So no wait is longer than the
//! cap, whatever was drawn. All is in whole nanoseconds and stays at the
//! largest number instead of overflowing: 584 years, which any cap cuts.

use std::time::Duration;

use crate::{Jitter, RetryRules, Strategy};

/// The wait after attempt number `attempt` (from 1), never more than
/// `max_delay`.
///
/// `previous` is the wait before that attempt, zero for the first; only
/// `decorrelated` looks at it. `smart` grows as `exponential` does: what it
/// picks stands in the rules already (see [`effective`](super::effective)).
pub fn delay(rules: &RetryRules, attempt: u32, previous: Duration, random: u64) -> Duration {
    let base = nanoseconds(rules.base);
    let wait = match rules.strategy {
        Strategy::Fixed => jittered(rules.jitter, base, random),
        Strategy::Linear => {
            let grown = base.saturating_mul(u64::from(attempt.max(1)));
            jittered(rules.jitter, grown, random)
        }
        Strategy::Smart | Strategy::Exponential => {
            let growth = u64::from(rules.growth.max(1));
            let factor = growth.saturating_pow(attempt.saturating_sub(1));
            jittered(rules.jitter, base.saturating_mul(factor), random)
        }
        Strategy::Decorrelated => decorrelated(base, nanoseconds(previous), random),
    };
    Duration::from_nanos(wait).min(rules.max_delay)
}

/// A wait with its part left to chance ("full" and "equal jitter": Brooker,
/// "Exponential Backoff and Jitter", 2015).
fn jittered(jitter: Jitter, wait: u64, random: u64) -> u64 {
    match jitter {
        Jitter::None => wait,
        Jitter::Full => drawn(0, wait, random),
        Jitter::Equal => drawn(wait - wait / 2, wait, random),
    }
}

/// A wait between the base and three times the one before ("decorrelated
/// jitter", the same source). The first counts the base as the one before.
fn decorrelated(base: u64, previous: u64, random: u64) -> u64 {
    let most = previous.max(base).saturating_mul(3);
    drawn(base, most, random)
}

/// A number from `least` to `most`, both included, evenly.
///
/// The high half of the product spreads `random` over the range (Lemire, "Fast
/// Random Integer Generation in an Interval", 2019). No number is likelier than
/// another by more than one in 2^64.
fn drawn(least: u64, most: u64, random: u64) -> u64 {
    let range = u128::from(most.saturating_sub(least)) + 1;
    let above = (u128::from(random) * range) >> 64;
    least.saturating_add(u64::try_from(above).unwrap_or(u64::MAX))
}

fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbitrary;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn rules(strategy: Strategy, jitter: Jitter, base: Duration, max_delay: Duration) -> RetryRules {
        RetryRules {
            strategy,
            jitter,
            base,
            max_delay,
            ..RetryRules::default()
        }
    }

    /// V14: the table of Polly's `RetryHelperTests`, smithy-rs and botocore.
    ///
    /// The vector counts attempts from 0, we count from 1. Its rows with a
    /// jitter of plus or minus a quarter are not offered: they are here without
    /// jitter, as `vectors/README.md` says. A `rand` of 1 is the largest number.
    #[test]
    fn v14() {
        use Jitter as J;
        use Strategy as S;
        let uncapped = 86_400_000;
        let rows = [
            (S::Fixed, 0, 1_000, uncapped, J::None, 1_000),
            (S::Linear, 2, 1_000, uncapped, J::None, 3_000),
            (S::Exponential, 2, 1_000, uncapped, J::None, 4_000),
            (S::Exponential, 2, 10_000, 1_000, J::None, 1_000),
            (S::Exponential, 100_000, 10_000, 20_000, J::None, 20_000),
            (S::Exponential, 49, 1_000, 40_000, J::None, 40_000),
            (S::Exponential, 8, 50, 20_000, J::Full, 12_800),
            (S::Exponential, 9, 50, 20_000, J::Full, 20_000),
        ];
        for (strategy, attempt, base, most, jitter, expected) in rows {
            let rules = rules(strategy, jitter, MS(base), MS(most));
            let found = delay(&rules, attempt + 1, Duration::ZERO, u64::MAX);
            assert_eq!(
                found,
                MS(expected),
                "{strategy:?} {attempt} {base} {most} {jitter:?}"
            );
        }
    }

    #[test]
    fn it_grows_up_to_the_cap_and_never_overflows() {
        let most = |attempt| delay(&RetryRules::default(), attempt, Duration::ZERO, u64::MAX).as_millis();
        assert_eq!([1, 2, 3, 9].map(most), [100, 200, 400, 25_600]);
        for attempt in [10, 63, 64, 65, 100_000, 1_000_000, u32::MAX] {
            assert_eq!(most(attempt), 30_000, "{attempt}");
        }
    }

    #[test]
    fn jitter_covers_its_range_evenly() {
        let drawn = |jitter, random| {
            let rules = rules(Strategy::Fixed, jitter, MS(100), MS(100));
            delay(&rules, 1, Duration::ZERO, random).as_micros()
        };
        let quarters = [0, u64::MAX / 4, u64::MAX / 2, u64::MAX];
        assert_eq!(quarters.map(|r| drawn(Jitter::None, r)), [100_000; 4]);
        assert_eq!(
            quarters.map(|r| drawn(Jitter::Full, r)),
            [0, 25_000, 50_000, 100_000]
        );
        assert_eq!(
            quarters.map(|r| drawn(Jitter::Equal, r)),
            [50_000, 62_500, 75_000, 100_000]
        );
    }

    /// The cap is applied to what was drawn: half of 51.2 s, not half of 30 s.
    #[test]
    fn the_cap_comes_after_the_jitter() {
        let rules = RetryRules::default();
        assert_eq!(
            delay(&rules, 10, Duration::ZERO, u64::MAX / 2).as_millis(),
            25_600
        );
        assert_eq!(delay(&rules, 10, Duration::ZERO, u64::MAX), rules.max_delay);
    }

    #[test]
    fn decorrelated_looks_at_the_wait_before() {
        let rules = rules(Strategy::Decorrelated, Jitter::None, MS(100), MS(5_000));
        let range = |previous| [0, u64::MAX].map(|random| delay(&rules, 7, MS(previous), random).as_millis());
        assert_eq!(range(0), [100, 300]);
        assert_eq!(range(400), [100, 1_200]);
        assert_eq!(range(5_000), [100, 5_000]);
    }

    proptest! {
        #![proptest_config(arbitrary::cases(4_000))]

        /// Ends without an overflow, within the cap, and the same every time.
        #[test]
        fn every_wait_is_within_the_cap_and_the_same_for_the_same(
            rules in arbitrary::rules(), attempt in arbitrary::attempt(), previous in arbitrary::span(), random: u64,
        ) {
            let wait = delay(&rules, attempt, previous, random);
            prop_assert!(wait <= rules.max_delay);
            prop_assert_eq!(wait, delay(&rules, attempt, previous, random));
        }

        /// Jitter only takes away; equal jitter takes at most half.
        #[test]
        fn jitter_only_takes_away(rules in arbitrary::rules(), attempt in arbitrary::attempt(), random: u64) {
            if rules.strategy == Strategy::Decorrelated {
                return Ok(());
            }
            let wait = delay(&rules, attempt, Duration::ZERO, random);
            let whole = delay(&RetryRules { jitter: Jitter::None, ..rules }, attempt, Duration::ZERO, random);
            prop_assert!(wait <= whole);
            if rules.jitter == Jitter::Equal {
                prop_assert!(wait >= whole / 2);
            }
        }

        /// Without jitter no wait is shorter than the one before it.
        #[test]
        fn waits_do_not_shrink(rules in arbitrary::rules(), attempt in arbitrary::attempt()) {
            if rules.strategy == Strategy::Decorrelated {
                return Ok(());
            }
            let rules = RetryRules { jitter: Jitter::None, ..rules };
            let wait = |attempt| delay(&rules, attempt, Duration::ZERO, 0);
            prop_assert!(wait(attempt) <= wait(attempt.saturating_add(1)));
        }

        /// A decorrelated wait keeps to the base below and the cap above.
        #[test]
        fn decorrelated_keeps_its_bounds(rules in arbitrary::rules(), previous in arbitrary::span(), random: u64) {
            let rules = RetryRules { strategy: Strategy::Decorrelated, ..rules };
            let wait = delay(&rules, 1, previous, random);
            let base = rules.base.min(Duration::from_nanos(u64::MAX));
            prop_assert!(wait >= base.min(rules.max_delay));
            prop_assert!(wait <= previous.max(rules.base).saturating_mul(3));
        }
    }
}
