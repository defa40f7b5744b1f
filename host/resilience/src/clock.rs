//! A time that never runs backwards, whatever the caller's does.

use std::ops::Range;
use std::time::Duration;

/// How far back `now` may lie without being taken for a jump. Threads that read
/// the clock and then wait for the lock overtake each other by less than this.
const SLACK: Duration = Duration::from_secs(1);

/// How far before the caller's start the own time of what can be restored begins,
/// so that what an earlier run began has a place on it.
pub(crate) const PAST: Duration = Duration::from_secs(10 * 365 * 86_400);

/// Turns the caller's `now` into an own time, which stands still
/// where the caller's runs backwards and then goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// The latest `now` since the last jump backwards.
    latest: Duration,
    /// By how much the own time is ahead: all jumps backwards together.
    ahead: Duration,
}

impl Clock {
    /// A clock that starts now.
    pub(crate) const fn new(now: Duration) -> Self {
        Self {
            latest: now,
            ahead: Duration::ZERO,
        }
    }

    /// A clock that starts now, with a past of its own: moments before the
    /// caller's start can be told.
    pub(crate) const fn with_past(now: Duration, past: Duration) -> Self {
        Self {
            latest: now,
            ahead: past,
        }
    }

    /// The own time. Never less than at the call before.
    #[inline]
    pub(crate) fn read(&mut self, now: Duration) -> Duration {
        let back = self.latest.saturating_sub(now);
        if back > SLACK {
            self.ahead = self.ahead.saturating_add(back);
            self.latest = now;
        } else {
            self.latest = self.latest.max(now);
        }
        self.own()
    }

    /// The own time, as it was read last.
    #[inline]
    pub(crate) const fn own(self) -> Duration {
        self.latest.saturating_add(self.ahead)
    }

    /// What may come as `now` from here on, before `end` of the own time, so that
    /// none of it is a jump back from any other; none if the time is up.
    pub(crate) fn steady(self, end: Duration) -> Option<Range<Duration>> {
        let until = self.outside(end).min(self.latest.saturating_add(SLACK / 2));
        (self.latest < until).then(|| until.saturating_sub(SLACK)..until)
    }

    /// A moment of the own time on the caller's clock; its start for moments
    /// before that.
    pub(crate) fn outside(self, moment: Duration) -> Duration {
        moment.saturating_sub(self.ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn it_stands_still_at_a_jump_back_and_goes_on() {
        let mut clock = Clock::new(s(100));
        assert_eq!(clock.read(s(110)), s(110));
        assert_eq!(clock.read(s(10)), s(110));
        assert_eq!(clock.read(s(15)), s(115));
        assert_eq!(
            clock.outside(s(120)),
            s(20),
            "what is to come, on the caller's clock"
        );
        assert_eq!(clock.outside(s(50)), s(0), "long before: its start");
    }

    #[test]
    fn threads_that_overtake_each_other_do_not_make_it_run_fast() {
        let mut clock = Clock::new(s(0));
        for ms in (1_000..61_000).step_by(10) {
            clock.read(Duration::from_millis(ms));
            clock.read(Duration::from_millis(ms - 900));
        }
        assert_eq!(clock.read(s(61)), s(61));
    }

    #[test]
    fn no_two_moments_of_a_steady_time_are_a_jump() {
        let mut clock = Clock::new(s(100));
        let steady = clock.steady(s(200)).unwrap();
        assert_eq!(
            steady,
            Duration::from_millis(99_500)..Duration::from_millis(100_500)
        );
        clock.read(steady.end);
        assert_eq!(clock.read(steady.start), steady.end, "it stands still");
        assert_eq!(clock.ahead, s(0));
    }

    #[test]
    fn a_steady_time_ends_at_its_end() {
        let mut clock = Clock::new(s(100));
        assert_eq!(clock.steady(s(100)), None);
        clock.read(s(10));
        let end = Duration::from_millis(100_200);
        assert_eq!(clock.steady(end).unwrap().end, Duration::from_millis(10_200));
        clock.read(Duration::MAX);
        assert_eq!(clock.steady(Duration::MAX), None);
    }

    #[test]
    fn the_end_of_time_does_not_overflow() {
        let mut clock = Clock::new(Duration::MAX);
        clock.read(s(0));
        assert_eq!(clock.read(s(5)), Duration::MAX);
    }
}
