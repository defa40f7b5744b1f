//! The last so many calls.

use std::collections::VecDeque;

use super::counts::{Call, Sums};
use crate::breaker::MAX_WINDOW_CALLS;

/// A ring of the last calls, the oldest first, and their sums.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct CallWindow {
    calls: VecDeque<Call>,
    sums: Sums,
}

impl CallWindow {
    /// Adds a call to a ring of `size`. The oldest make room for it, and for a
    /// smaller size; a larger size keeps all and has room for more.
    #[inline]
    pub(super) fn record(&mut self, call: Call, size: u32) {
        let size = bounded(size);
        while self.calls.len() >= size {
            let Some(oldest) = self.calls.pop_front() else {
                break;
            };
            self.sums.remove(oldest.into());
        }
        self.calls.push_back(call);
        self.sums.add(call.into());
    }

    /// Adds quick successes. More of them than fit are no different.
    pub(super) fn record_successes(&mut self, count: u64, size: u32) {
        let fit = usize::try_from(count).map_or(bounded(size), |count| count.min(bounded(size)));
        for _ in 0..fit {
            self.record(Call::QUICK_SUCCESS, size);
        }
    }

    /// The sums of the last `size` calls.
    pub(super) fn sums(&self, size: u32) -> Sums {
        let surplus = self.calls.len().saturating_sub(bounded(size));
        let mut sums = self.sums;
        for oldest in self.calls.iter().take(surplus) {
            sums.remove((*oldest).into());
        }
        sums
    }
}

/// A size that is at least one call and at most what memory is meant for.
fn bounded(size: u32) -> usize {
    usize::try_from(size.clamp(1, MAX_WINDOW_CALLS)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(failed: bool) -> Call {
        Call { failed, slow: failed }
    }

    #[test]
    fn the_oldest_calls_make_room() {
        let mut window = CallWindow::default();
        for failed in [true, true, false, false, true] {
            window.record(call(failed), 3);
        }
        let sums = window.sums(3);
        assert_eq!((sums.calls, sums.failures, sums.slow), (3, 1, 1));
    }

    #[test]
    fn a_new_size_keeps_the_calls_that_fit() {
        let mut window = CallWindow::default();
        for n in 0..100 {
            window.record(call(n >= 95), 100);
        }
        assert_eq!((window.sums(10).calls, window.sums(10).failures), (10, 5));
        assert_eq!(window.sums(100).calls, 100, "a look changes nothing");
        window.record(call(false), 10);
        assert_eq!((window.sums(50).calls, window.sums(50).failures), (10, 5));
        window.record(call(false), 50);
        assert_eq!((window.sums(50).calls, window.sums(50).failures), (11, 5));
    }

    #[test]
    fn memory_is_bounded_whatever_the_size() {
        let mut window = CallWindow::default();
        for _ in 0..30_000 {
            window.record(call(true), u32::MAX);
        }
        assert_eq!(window.sums(u32::MAX).calls, u64::from(MAX_WINDOW_CALLS));
        assert!(window.calls.capacity() <= 2 * 10_000);
        window.record(call(true), 0);
        assert_eq!(window.sums(0).calls, 1);
    }
}
