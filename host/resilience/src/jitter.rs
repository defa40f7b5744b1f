//! Times that are drawn evenly, for jitter.

use std::time::Duration;

use fusebox_types::units::Rate;

/// A time drawn evenly from none up to a share of `longest`.
pub(super) fn spread(longest: Duration, share: Rate, random: u64) -> Duration {
    let hundredths = u128::from(share.0);
    let whole = u128::from(Rate::WHOLE.0);
    let nanos = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
    let most = u128::from(nanos).saturating_mul(hundredths) / whole;
    // The high half of the product spreads `random` evenly over the range.
    let drawn = u128::from(random).saturating_mul(most.saturating_add(1)) >> 64;
    Duration::from_nanos(u64::try_from(drawn).unwrap_or(u64::MAX))
}
