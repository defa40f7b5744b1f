//! The calls of the last span of time.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::counts::Sums;

/// How many buckets a span is cut into.
const BUCKETS: u32 = 10;

/// Ten buckets of equal width, and their sums. The first bucket starts at the
/// first call; from there on they advance by whole widths.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TimeWindow {
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
    /// Adds calls that ended at `at`, which is never before the calls before.
    #[inline]
    pub(crate) fn add(&mut self, calls: Sums, span: Duration, at: Duration) {
        if self.start.is_none() {
            (self.span, self.width) = (span, width(span));
            self.start = Some(at);
        }
        self.advance(span, at);
        let [newest, ..] = &mut self.buckets;
        newest.add(calls);
        self.sums.add(calls);
    }

    /// Where the newest bucket ends; none before the first call, or if the buckets
    /// were cut for another span.
    pub(super) fn end(&self, span: Duration) -> Option<Duration> {
        let start = self.start.filter(|_| self.span == span)?;
        Some(start.saturating_add(self.width))
    }

    /// The sums of the last `span`, seen from `at`.
    #[inline]
    pub(crate) fn sums(&self, span: Duration, at: Duration) -> Sums {
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
    #[inline]
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
