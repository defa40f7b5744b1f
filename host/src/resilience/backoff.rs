//! How long to wait before an attempt.

use std::time::Duration;

use crate::config::RetryLimits;

/// The wait before the attempt after number `attempt` (from 1): the base,
/// doubled with each attempt, capped, and drawn evenly from zero up to that
/// ("full jitter": Brooker, "Exponential Backoff and Jitter", 2015), so that
/// tasks that failed together do not come back together.
pub fn delay(limits: &RetryLimits, attempt: u32, random: u64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(63);
    let base = u64::try_from(limits.base.as_nanos()).unwrap_or(u64::MAX);
    let cap = u64::try_from(limits.max_delay.as_nanos()).unwrap_or(u64::MAX);
    let ceiling = base.saturating_mul(1 << doublings).min(cap);
    // The high half of the product spreads `random` evenly over the range.
    let drawn = (u128::from(random) * (u128::from(ceiling) + 1)) >> 64;
    Duration::from_nanos(u64::try_from(drawn).unwrap_or(ceiling))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: RetryLimits = RetryLimits {
        max_attempts: 1000,
        base: Duration::from_millis(100),
        max_delay: Duration::from_secs(30),
    };

    #[test]
    fn it_doubles_up_to_the_cap_and_never_overflows() {
        let most = |attempt| delay(&LIMITS, attempt, u64::MAX).as_millis();
        assert_eq!([1, 2, 3, 9].map(most), [100, 200, 400, 25_600]);
        for attempt in [10, 63, 64, 65, 100_000, u32::MAX] {
            assert_eq!(most(attempt), 30_000, "{attempt}");
        }
    }

    #[test]
    fn jitter_covers_the_range_evenly() {
        let half = delay(&LIMITS, 1, u64::MAX / 2).as_micros();
        assert!((49_990..=50_010).contains(&half), "{half}");
        assert_eq!(delay(&LIMITS, 1, 0), Duration::ZERO);
    }
}
