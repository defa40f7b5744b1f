//! The calls of the last span of time.

use std::time::Duration;

use super::counts::{Call, Sums};

/// How many buckets a span is cut into.
const BUCKETS: u32 = 10;

/// Ten buckets of equal width, and their sums. The first bucket starts at the
/// first call; from there on they advance by whole widths.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::resilience) struct TimeWindow {
    /// The newest first.
    buckets: [Sums; BUCKETS as usize],
    /// All buckets together.
    sums: Sums,
    /// Where the newest bucket starts; none before the first call.
    start: Option<Duration>,
    /// The span that the buckets were cut for.
    span: Duration,
    /// A tenth of it.
    width: Duration,
}

impl TimeWindow {
    /// Adds a call that ended at `at`, which is never before the call before.
    pub(in crate::resilience) fn record(&mut self, call: Call, span: Duration, at: Duration) {
        if self.start.is_none() {
            (self.span, self.width) = (span, width(span));
            self.start = Some(at);
        }
        self.advance(span, at);
        let [newest, ..] = &mut self.buckets;
        newest.add(call.into());
        self.sums.add(call.into());
    }

    /// The sums of the last `span`, seen from `at`.
    pub(in crate::resilience) fn sums(&self, span: Duration, at: Duration) -> Sums {
        if self.span == span && self.since_start(at) < self.width {
            return self.sums;
        }
        let mut later = *self;
        later.advance(span, at);
        later.sums
    }

    /// How long the newest bucket is in use.
    fn since_start(&self, at: Duration) -> Duration {
        at.saturating_sub(self.start.unwrap_or(at))
    }

    /// Makes the newest bucket the one that holds `at`.
    fn advance(&mut self, span: Duration, at: Duration) {
        self.shift(at);
        if self.span != span && self.start.is_some() {
            self.cut_anew(span, at);
        }
    }

    /// Drops the oldest buckets for empty ones, by whole widths.
    fn shift(&mut self, at: Duration) {
        let elapsed = self.since_start(at);
        if elapsed < self.width || self.start.is_none() {
            return;
        }
        let steps = elapsed.as_nanos().checked_div(self.width.as_nanos()).unwrap_or(0);
        let steps = usize::try_from(steps)
            .unwrap_or(usize::MAX)
            .min(self.buckets.len());
        self.buckets.rotate_right(steps);
        for bucket in self.buckets.iter_mut().take(steps) {
            self.sums.remove(*bucket);
            *bucket = Sums::default();
        }
        self.start = Some(at.saturating_sub(remainder(elapsed, self.width)));
    }

    /// Sorts what is there into buckets of another width, each old bucket by its
    /// start. So nothing is held for longer than the new span, and what does
    /// not fit into it is dropped.
    fn cut_anew(&mut self, span: Duration, at: Duration) {
        let (old, started) = (*self, self.start.unwrap_or(at));
        *self = Self {
            span,
            width: width(span),
            ..Self::default()
        };
        let start = at.saturating_sub(remainder(at.saturating_sub(started), self.width));
        self.start = Some(start);
        for (bucket, age) in old.buckets.iter().zip(0_u32..) {
            let began = started.saturating_sub(old.width.saturating_mul(age));
            let behind = start.saturating_sub(began).as_nanos();
            let place = behind.div_ceil(self.width.as_nanos().max(1));
            let slot = usize::try_from(place)
                .ok()
                .and_then(|place| self.buckets.get_mut(place));
            if let Some(slot) = slot {
                slot.add(*bucket);
                self.sums.add(*bucket);
            }
        }
    }
}

/// The width of a bucket, at least the smallest time there is.
fn width(span: Duration) -> Duration {
    span.checked_div(BUCKETS)
        .unwrap_or(span)
        .max(Duration::from_nanos(1))
}

/// What is left of a time after whole widths.
fn remainder(time: Duration, width: Duration) -> Duration {
    let rest = time.as_nanos().checked_rem(width.as_nanos()).unwrap_or(0);
    Duration::from_nanos(u64::try_from(rest).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn fail(window: &mut TimeWindow, span: u64, at: u64) {
        let call = Call {
            failed: true,
            slow: false,
        };
        window.record(call, s(span), s(at));
    }

    fn calls(window: &TimeWindow, span: u64, at: u64) -> u64 {
        let sums = window.sums(s(span), s(at));
        assert_eq!(sums.calls, sums.failures);
        sums.calls
    }

    #[test]
    fn it_forgets_a_tenth_at_a_time_counted_from_the_first_call() {
        let mut window = TimeWindow::default();
        for at in 1_003..1_013 {
            fail(&mut window, 10, at);
        }
        let seen: Vec<_> = (1_012..1_023).map(|at| calls(&window, 10, at)).collect();
        assert_eq!(seen, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    }

    #[test]
    fn it_survives_a_gap_of_sixty_days_and_keeps_its_grid() {
        let mut window = TimeWindow::default();
        let gap = 60 * 86_400;
        fail(&mut window, 300, 7);
        assert_eq!(calls(&window, 300, 7 + gap), 0);
        fail(&mut window, 300, 8 + gap);
        assert_eq!(calls(&window, 300, 7 + gap + 299), 1);
        assert_eq!(
            calls(&window, 300, 7 + gap + 300),
            0,
            "the grid is that of second 7"
        );
    }

    #[test]
    fn a_look_changes_nothing() {
        let mut window = TimeWindow::default();
        fail(&mut window, 10, 0);
        assert_eq!(calls(&window, 10, 100), 0);
        assert_eq!(calls(&window, 10, 9), 1);
        assert_eq!(calls(&window, 100, 9), 1);
    }

    #[test]
    fn another_span_keeps_what_fits() {
        let mut window = TimeWindow::default();
        for at in 0..300 {
            fail(&mut window, 300, at);
        }
        assert_eq!(calls(&window, 600, 299), 300, "longer: all");
        assert_eq!(calls(&window, 150, 299), 150, "half: half");
        assert_eq!(calls(&window, 1, 299), 0, "too short to know");
        fail(&mut window, 600, 299);
        assert_eq!(calls(&window, 600, 500), 301);
        assert_eq!(calls(&window, 600, 1_000), 0, "and it is forgotten in time");
    }

    #[test]
    fn strange_spans_do_not_overflow() {
        for span in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            let mut window = TimeWindow::default();
            let call = Call {
                failed: false,
                slow: true,
            };
            window.record(call, span, Duration::ZERO);
            window.record(call, span, Duration::MAX);
            assert!(window.sums(s(300), Duration::MAX).calls <= 2);
            assert!(window.sums(span, Duration::MAX).slow >= 1);
        }
    }
}
