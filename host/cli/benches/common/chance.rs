//! Chance that can be repeated.

use std::sync::atomic::{AtomicU64, Ordering};

/// A generator by Steele, Lea and Flood (SplitMix64) that threads can share.
pub(crate) struct Chance(AtomicU64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// True once in so many draws, by chance.
    pub(crate) fn one_in(&self, many: u64) -> bool {
        const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.0.fetch_add(GAMMA, Ordering::Relaxed).wrapping_add(GAMMA);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).is_multiple_of(many)
    }
}
