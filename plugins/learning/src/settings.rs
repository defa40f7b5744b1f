//! Which waits there are, and when one counts as good.

use std::num::NonZeroU64;

use serde::Deserialize;

use crate::memory::STEPS;

/// The policy's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// The shortest wait, in milliseconds. The others are two, four, eight
    /// times as long and so on.
    pub(crate) base_ms: NonZeroU64,
    /// The longest wait, in milliseconds.
    pub(crate) max_ms: u64,
    /// Of a hundred tries after a wait, how many have to be followed by
    /// something else than the same failure for the wait to be good.
    pub(crate) percent: u64,
    /// After how long half of what was learned is forgotten, in milliseconds.
    pub(crate) forget_ms: NonZeroU64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_ms: NonZeroU64::MIN.saturating_add(249),
            max_ms: 60_000,
            percent: 70,
            forget_ms: NonZeroU64::MIN.saturating_add(599_999),
        }
    }
}

impl Settings {
    /// The wait of a step, in milliseconds.
    pub(crate) fn wait_ms(&self, step: usize) -> u64 {
        let factor = u32::try_from(step).map_or(u64::MAX, |step| 2_u64.saturating_pow(step));
        self.base_ms.get().saturating_mul(factor).min(self.max_ms)
    }

    /// The longest step whose wait is no longer than so many milliseconds.
    pub(crate) fn step_within(&self, ms: u64) -> usize {
        if ms >= self.max_ms {
            return self.last_step();
        }
        let step = (ms / self.base_ms).checked_ilog2().unwrap_or(0);
        usize::try_from(step).map_or(self.last_step(), |step| step.min(self.last_step()))
    }

    /// The first step that waits as long as is allowed.
    pub(crate) fn last_step(&self) -> usize {
        (0..STEPS)
            .find(|step| self.wait_ms(*step) >= self.max_ms)
            .unwrap_or(STEPS.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_double_up_to_the_longest_wait() {
        let settings = Settings::default();
        assert_eq!(
            [0, 1, 7, 8, 9, usize::MAX].map(|s| settings.wait_ms(s)),
            [250, 500, 32_000, 60_000, 60_000, 60_000]
        );
        assert_eq!(settings.last_step(), 8);
        let waits = [0, 249, 250, 499, 500, 59_999, 60_000, u64::MAX];
        assert_eq!(waits.map(|ms| settings.step_within(ms)), [0, 0, 0, 0, 1, 7, 8, 8]);
    }

    #[test]
    fn odd_bounds_are_borne() {
        let settings = |max_ms| Settings {
            max_ms,
            ..Settings::default()
        };
        assert_eq!((settings(0).last_step(), settings(0).wait_ms(3)), (0, 0));
        assert_eq!(settings(u64::MAX).last_step(), STEPS - 1);
    }
}
