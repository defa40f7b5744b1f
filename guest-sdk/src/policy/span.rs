//! Spans of time that a policy answers with.

use std::time::Duration;

/// The host takes what lies outside of these for a defect of the policy.
pub(super) const SHORTEST: Duration = Duration::from_millis(1);
pub(super) const LONGEST: Duration = Duration::from_secs(30 * 86_400);

/// Whole milliseconds.
pub(super) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Whole milliseconds that the host takes.
pub(super) fn sensible_millis(span: Duration) -> u64 {
    millis(span.clamp(SHORTEST, LONGEST))
}

/// A span that doubles with each time before, up to the longest.
pub(super) fn doubled(first: Duration, times: u32, longest: Duration) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(times)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_crosses_is_sensible() {
        let spans = [Duration::ZERO, Duration::from_micros(2_999), Duration::MAX];
        assert_eq!(spans.map(sensible_millis), [1, 2, 30 * 86_400_000]);
        assert_eq!(millis(Duration::MAX), u64::MAX);
    }

    #[test]
    fn spans_double_up_to_the_longest() {
        let span = |times| doubled(Duration::from_secs(30), times, Duration::from_secs(600)).as_secs();
        assert_eq!([0, 1, 4, 5, 32, u32::MAX].map(span), [30, 60, 480, 600, 600, 600]);
    }
}
