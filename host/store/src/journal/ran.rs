//! For how long the processes of a session ran, folded from its records.
//!
//! Times of one process are by one clock, which only goes on. Between two
//! processes the machine's clock may have been set, and time that passed there is
//! nobody's: so each run counts from its own beginning to the last that is known
//! of it.

use std::time::Duration;

/// For how long the processes of a session ran. Times are those of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran {
    /// In the runs that are over, in microseconds.
    before: u64,
    /// When this run began.
    began: i64,
    /// The latest that is known of it.
    latest: i64,
}

impl Ran {
    /// The first run begins.
    pub(super) const fn new(began: i64) -> Self {
        Self {
            before: 0,
            began,
            latest: began,
        }
    }

    /// Another run begins.
    pub(super) fn resumed(&mut self, began: i64) {
        *self = Self {
            before: self.micros(),
            ..Self::new(began)
        };
    }

    /// Something happened in this run.
    pub(super) fn seen(&mut self, at: i64) {
        self.latest = self.latest.max(at);
    }

    /// The session is over and says itself how long it ran.
    pub(super) fn ended(&mut self, micros: u64) {
        self.before = micros;
        self.latest = self.began;
    }

    /// In all.
    pub fn time(self) -> Duration {
        Duration::from_micros(self.micros())
    }

    fn micros(self) -> u64 {
        let now = self.latest.saturating_sub(self.began);
        self.before.saturating_add(u64::try_from(now).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000;

    #[test]
    fn runs_are_added_and_the_time_between_them_is_not() {
        let mut ran = Ran::new(1_000 * S);
        ran.seen(1_003 * S);
        ran.seen(1_002 * S);
        assert_eq!(ran.time(), Duration::from_secs(3));
        // A pause of a day, and a clock that was set back by a month.
        for began in [86_400, 86_400 - 30 * 86_400] {
            let before = ran.time();
            ran.resumed(began * S);
            assert_eq!(ran.time(), before);
            ran.seen((began + 2) * S);
        }
        assert_eq!(ran.time(), Duration::from_secs(7));
    }

    #[test]
    fn what_the_end_says_counts() {
        let mut ran = Ran::new(0);
        ran.seen(5 * S);
        ran.ended(4_000_000);
        assert_eq!(ran.time(), Duration::from_secs(4));
        ran.resumed(-9 * S);
        ran.seen(-8 * S);
        assert_eq!(ran.time(), Duration::from_secs(5));
        ran.seen(i64::MAX);
        ran.resumed(i64::MIN);
        ran.seen(i64::MAX);
        assert!(ran.time() > Duration::from_secs(5));
    }
}
