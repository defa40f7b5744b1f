//! One pair of a window and a burn rate.

use crate::ring::{BUCKETS, Ring, Sum};

/// How many buckets the short window has: a twelfth of the long one.
const SHORT: usize = BUCKETS / 12;

/// When too much of the error budget burns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alert {
    /// Its name, for the report.
    pub(crate) name: &'static str,
    /// The width of a bucket of its window, in milliseconds.
    pub(crate) width_ms: u64,
    /// Of a billion calls, how many have to fail: burn rate times budget.
    pub(crate) limit_ppb: u64,
    /// The fewest failures of which it says anything.
    pub(crate) least_failures: u64,
}

impl Alert {
    /// What was counted in its window, if that burns too fast: over the whole
    /// window, so that a blip does not count, and over its last twelfth, so
    /// that what is over does not either.
    pub(crate) fn burning(&self, ring: &Ring) -> Option<Sum<u64>> {
        let long = ring.sum(BUCKETS);
        let burns =
            long.failures >= self.least_failures && self.reached(long) && self.reached(ring.sum(SHORT));
        burns.then_some(long)
    }

    /// How far it looks back, in milliseconds.
    pub(crate) fn window_ms(&self) -> u64 {
        self.width_ms.saturating_mul(BUCKETS as u64)
    }

    /// `failures / calls >= limit`, without a division.
    fn reached(&self, Sum { calls, failures }: Sum<u64>) -> bool {
        let (calls, failures) = (u128::from(calls), u128::from(failures));
        failures > 0 && failures * 1_000_000_000 >= calls * u128::from(self.limit_ppb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALERT: Alert = Alert {
        name: "fast",
        width_ms: 10,
        limit_ppb: 100_000_000,
        least_failures: 2,
    };

    /// So many calls, of which the first ones failed, spread over a window.
    fn burns(calls: u64, failed: impl Fn(u64) -> bool) -> Option<u64> {
        let mut ring = Ring::new(ALERT.width_ms);
        (0..calls).for_each(|n| ring.count(failed(n), n * ALERT.window_ms() / calls));
        ALERT.burning(&ring).map(|sum| sum.failures)
    }

    #[test]
    fn both_windows_have_to_burn() {
        assert_eq!(burns(120, |n| n % 10 == 0), Some(12), "at the limit");
        assert_eq!(burns(120, |n| n % 11 == 0), None, "below it");
        assert_eq!(burns(120, |n| n < 60), None, "it is over");
        assert_eq!(burns(120, |n| n >= 115), None, "it has just begun");
        assert_eq!(burns(120, |n| n >= 108), Some(12));
    }

    #[test]
    fn few_failures_say_nothing() {
        assert_eq!(burns(1, |_| true), None);
        assert_eq!(burns(2, |_| true), Some(2));
        assert_eq!(burns(0, |_| true), None);
    }
}
