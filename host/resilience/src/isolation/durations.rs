//! The durations of the last attempts.

use std::time::Duration;

/// How many are kept.
const KEPT: usize = 32;

/// The durations of the last attempts, in whole microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Durations {
    ring: [u64; KEPT],
    /// How many there were in all.
    count: usize,
}

impl Durations {
    pub(super) fn add(&mut self, duration: Duration) {
        let place = self.count.checked_rem(KEPT).unwrap_or(0);
        if let Some(slot) = self.ring.get_mut(place) {
            *slot = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        }
        self.count = self.count.saturating_add(1);
    }

    /// Those that are kept, in no order.
    fn kept(&self) -> &[u64] {
        self.ring.get(..self.count.min(KEPT)).unwrap_or_default()
    }

    /// The last one; none before the first.
    pub(super) fn last(&self) -> Option<Duration> {
        let place = self.count.checked_sub(1)?.checked_rem(KEPT)?;
        self.ring.get(place).copied().map(Duration::from_micros)
    }
}

/// The lower median of what is kept of several instances; none of nothing.
pub(super) fn median<'a>(of: impl Iterator<Item = &'a Durations>) -> Option<Duration> {
    let mut all: Vec<u64> = of.flat_map(Durations::kept).copied().collect();
    let middle = all.len().checked_sub(1)? / 2;
    let (_, median, _) = all.select_nth_unstable(middle);
    Some(Duration::from_micros(*median))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ms: impl IntoIterator<Item = u64>) -> Durations {
        let mut durations = Durations::default();
        ms.into_iter()
            .for_each(|ms| durations.add(Duration::from_millis(ms)));
        durations
    }

    fn median_of(all: &[Durations]) -> Option<u128> {
        median(all.iter()).map(|time| time.as_millis())
    }

    #[test]
    fn the_median_is_over_what_is_kept_of_all() {
        assert_eq!(median_of(&[of([])]), None);
        assert_eq!(median_of(&[of([7])]), Some(7));
        assert_eq!(median_of(&[of([9, 1, 5, 3]), of([2])]), Some(3));
        assert_eq!(
            median_of(&[of((0..100).rev())]),
            Some(15),
            "the last 32: 31 down to 0"
        );
    }

    #[test]
    fn the_last_one_is_known_and_absurd_ones_are_cut() {
        assert_eq!(of([]).last(), None);
        assert_eq!(of(0..70).last(), Some(Duration::from_millis(69)));
        assert_eq!(of([u64::MAX]).last(), Some(Duration::from_micros(u64::MAX)));
    }
}
