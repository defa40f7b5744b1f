//! Anything that the decisions may be handed, for the property tests.

use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::Strategy as Generator;

use crate::{Jitter, RetryRules, Strategy};

/// So many cases, with no file written for those that fail: the smallest one
/// becomes an ordinary test.
pub(crate) fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        cases: count,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A time: ordinary, odd, or absurd.
pub(super) fn span() -> impl Generator<Value = Duration> {
    prop_oneof![
        (0..900_000_u64).prop_map(Duration::from_millis),
        any::<u64>().prop_map(Duration::from_nanos),
        Just(Duration::MAX),
    ]
}

/// The number of an attempt: small, up to a million, and the largest.
pub(super) fn attempt() -> impl Generator<Value = u32> {
    prop_oneof![1..20_u32, 1..=1_000_000_u32, Just(u32::MAX)]
}

/// Rules with every strategy and jitter.
pub(super) fn rules() -> impl Generator<Value = RetryRules> {
    use Jitter as J;
    use Strategy as S;
    let strategies = vec![S::Smart, S::Fixed, S::Linear, S::Exponential, S::Decorrelated];
    let shape = (
        prop::sample::select(strategies),
        prop::sample::select(vec![J::None, J::Full, J::Equal]),
    );
    let growth = prop_oneof![0..5_u32, any::<u32>()];
    (shape, growth, attempt(), span(), span(), span()).prop_map(
        |((strategy, jitter), growth, max_attempts, base, max_delay, max_elapsed)| RetryRules {
            strategy,
            jitter,
            base,
            growth,
            max_attempts,
            max_delay,
            max_elapsed,
            rules: Vec::new(),
        },
    )
}
