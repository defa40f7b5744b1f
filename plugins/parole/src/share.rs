//! Shares of strikes, compared without a division.

/// A share: so many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    part: u128,
    whole: u128,
}

impl Share {
    /// The share that was seen; none of none is nothing.
    pub(crate) fn seen(part: u64, whole: u64) -> Self {
        Self {
            part: part.into(),
            whole: u128::from(whole).max(1),
        }
    }

    /// The share to be expected after what was seen, by Laplace's rule of
    /// succession: a half if nothing was seen.
    pub(crate) fn expected(part: u64, whole: u64) -> Self {
        Self {
            part: u128::from(part) + 1,
            whole: u128::from(whole) + 2,
        }
    }

    /// Whether it is so many hundredths or more.
    pub(crate) fn reaches(self, percent: u64) -> bool {
        self.part.saturating_mul(100) >= self.whole.saturating_mul(percent.into())
    }

    /// Whether it is so many times another or more.
    pub(crate) fn reaches_times(self, times: u64, other: Self) -> bool {
        let other_part = other.part.saturating_mul(times.into());
        self.part.saturating_mul(other.whole) >= other_part.saturating_mul(self.whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_compare_at_their_bounds() {
        assert!(Share::seen(1, 5).reaches(20) && !Share::seen(1, 5).reaches(21));
        assert!(!Share::seen(0, 0).reaches(1) && Share::seen(0, 0).reaches(0));
        assert!(Share::expected(0, 0).reaches(50) && !Share::expected(0, 0).reaches(51));
        let tenth = Share::seen(1, 10);
        assert!(Share::seen(3, 10).reaches_times(3, tenth) && !Share::seen(29, 100).reaches_times(3, tenth));
    }

    #[test]
    fn no_number_is_too_large() {
        let all = Share::expected(u64::MAX, u64::MAX);
        assert!(all.reaches(99) && !all.reaches_times(u64::MAX, Share::seen(1, 1)));
        assert!(Share::seen(u64::MAX, u64::MAX).reaches_times(1, Share::seen(u64::MAX, u64::MAX)));
    }
}
