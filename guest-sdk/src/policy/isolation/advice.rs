//! What most isolation policies ask themselves, ready made.

use std::time::Duration;

use super::{Health, Snapshot};
use crate::policy::span;

impl Snapshot {
    /// A time that doubles with each quarantine without a lasting recovery
    /// between, up to the longest.
    pub fn doubled(&self, first: Duration, longest: Duration) -> Duration {
        span::doubled(first, self.times, longest)
    }

    /// Attempts and strikes of the pool without this instance.
    pub fn others(&self) -> (u64, u64) {
        let Health {
            attempts, strikes, ..
        } = self.pool;
        let attempts = attempts.saturating_sub(self.health.attempts);
        (
            attempts,
            strikes.saturating_sub(self.health.strikes).min(attempts),
        )
    }
}

impl Health {
    /// The share of strikes among the attempts, in whole hundredths, 100 at
    /// most; 0 if there were none.
    pub fn strike_percent(&self) -> u64 {
        let percent = u128::from(self.strikes) * 100 / u128::from(self.attempts.max(1));
        u64::try_from(percent.min(100)).unwrap_or(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_the_pool_without_the_instance() {
        let mut snapshot = Snapshot::example("trap.unreachable");
        assert_eq!(snapshot.others(), (0, 0));
        (snapshot.pool.attempts, snapshot.pool.strikes) = (11, 3);
        assert_eq!(snapshot.others(), (10, 2));
        (snapshot.pool.attempts, snapshot.pool.strikes) = (0, u64::MAX);
        assert_eq!(snapshot.others(), (0, 0));
    }

    #[test]
    fn shares_are_whole_hundredths() {
        let percent = |strikes, attempts| {
            Health {
                strikes,
                attempts,
                ..Health::default()
            }
            .strike_percent()
        };
        assert_eq!([percent(0, 0), percent(1, 3), percent(3, 3)], [0, 33, 100]);
        assert_eq!([percent(u64::MAX, u64::MAX), percent(9, 3)], [100, 100]);
    }
}
