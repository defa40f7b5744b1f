//! Calls and failures of a window of time, in fixed buckets.

/// Into how many buckets a window is cut.
pub(crate) const BUCKETS: usize = 60;
/// How many bytes a ring takes.
pub(crate) const RING_BYTES: usize = 16 + 8 * BUCKETS;

/// Calls and failures of a window of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ring {
    /// The width of a bucket, in milliseconds.
    width_ms: u64,
    /// The number of the newest bucket, from the start of the clock.
    newest: u64,
    /// The newest first.
    buckets: [Sum<u32>; BUCKETS],
}

/// How many calls there were, and how many of them failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sum<N> {
    pub(crate) calls: N,
    pub(crate) failures: N,
}

impl Ring {
    /// An empty one whose buckets are so wide (at least a millisecond).
    pub(crate) fn new(width_ms: u64) -> Self {
        Self {
            width_ms: width_ms.max(1),
            newest: 0,
            buckets: [Sum::default(); BUCKETS],
        }
    }

    /// Whether it counts in buckets of that width, on a clock that shows no
    /// less than when it last counted.
    pub(crate) fn fits(&self, width_ms: u64, now_ms: u64) -> bool {
        self.width_ms == width_ms && self.newest <= now_ms / self.width_ms
    }

    /// Counts a call that ended.
    pub(crate) fn count(&mut self, failed: bool, now_ms: u64) {
        let newest = now_ms / self.width_ms;
        let passed = newest.saturating_sub(self.newest);
        let passed = usize::try_from(passed).map_or(BUCKETS, |passed| passed.min(BUCKETS));
        self.newest = self.newest.max(newest);
        self.buckets.rotate_right(passed);
        self.buckets
            .iter_mut()
            .take(passed)
            .for_each(|old| *old = Sum::default());
        if let Some(bucket) = self.buckets.first_mut() {
            bucket.calls = bucket.calls.saturating_add(1);
            bucket.failures = bucket.failures.saturating_add(u32::from(failed));
        }
    }

    /// The sum of the newest buckets, so many.
    pub(crate) fn sum(&self, buckets: usize) -> Sum<u64> {
        let start = Sum::default();
        self.buckets.iter().take(buckets).fold(start, |sum, bucket| Sum {
            calls: sum.calls + u64::from(bucket.calls),
            failures: sum.failures + u64::from(bucket.failures.min(bucket.calls)),
        })
    }

    /// Writes it down: [`RING_BYTES`], the lowest byte of a number first.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.width_ms.to_le_bytes());
        bytes.extend(self.newest.to_le_bytes());
        for bucket in &self.buckets {
            bytes.extend(bucket.calls.to_le_bytes());
            bytes.extend(bucket.failures.to_le_bytes());
        }
    }

    /// Takes one that was written down off the front; none if there is too
    /// little or no width.
    pub(crate) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let width_ms = read_u64(bytes).filter(|width| *width > 0)?;
        let mut ring = Self::new(width_ms);
        ring.newest = read_u64(bytes)?;
        for bucket in &mut ring.buckets {
            bucket.calls = read_u32(bytes)?;
            bucket.failures = read_u32(bytes)?;
        }
        Some(ring)
    }
}

/// Takes a number off the front.
pub(crate) fn read_u64(bytes: &mut &[u8]) -> Option<u64> {
    bytes
        .split_off(..8)
        .and_then(|number| number.try_into().ok())
        .map(u64::from_le_bytes)
}

fn read_u32(bytes: &mut &[u8]) -> Option<u32> {
    bytes
        .split_off(..4)
        .and_then(|number| number.try_into().ok())
        .map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(calls: u64, failures: u64) -> Sum<u64> {
        Sum { calls, failures }
    }

    #[test]
    fn what_is_older_than_the_window_is_gone() {
        let mut ring = Ring::new(10);
        for now_ms in 0..700 {
            ring.count(now_ms % 10 == 0, now_ms);
        }
        assert_eq!((ring.sum(5), ring.sum(BUCKETS)), (sum(50, 5), sum(600, 60)));
        ring.count(true, 1_289);
        assert_eq!(ring.sum(BUCKETS), sum(11, 2), "two of 60 buckets are left");
        ring.count(false, u64::MAX);
        assert_eq!(ring.sum(BUCKETS), sum(1, 0));
    }

    #[test]
    fn it_comes_back_as_it_was_written() {
        let mut ring = Ring::new(7);
        (0..300).for_each(|now_ms| ring.count(now_ms % 3 == 0, now_ms));
        let mut bytes = Vec::new();
        ring.write(&mut bytes);
        assert_eq!(bytes.len(), RING_BYTES);
        assert_eq!(Ring::read(&mut bytes.as_slice()), Some(ring));
        assert_eq!(Ring::read(&mut bytes.get(1..).unwrap()), None);
    }

    #[test]
    fn no_count_overflows() {
        let mut bytes = 1_u64.to_le_bytes().to_vec();
        bytes.resize(RING_BYTES, 0xFF);
        let mut ring = Ring::read(&mut bytes.as_slice()).unwrap();
        assert!(!ring.fits(1, 5) && ring.fits(1, u64::MAX));
        ring.count(true, 5);
        let full = u64::from(u32::MAX) * 60;
        assert_eq!(ring.sum(usize::MAX), sum(full, full));
        assert_eq!(Ring::read(&mut [0; RING_BYTES].as_slice()), None);
    }
}
