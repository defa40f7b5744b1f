//! What is known of the waits after one failure code.

use serde::{Deserialize, Serialize};

use crate::memory::STEPS;
use crate::settings::Settings;

/// When a step has been tried so often, its counts are halved: what is recent
/// weighs more.
const ENOUGH: u8 = 16;

/// What is known of the waits after one failure code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Code {
    /// The code, or its first 64 bytes.
    pub(crate) code: String,
    /// Up to when it was forgotten, in milliseconds since the session started.
    forgot_ms: u64,
    /// How often each step was tried.
    tried: [u8; STEPS],
    /// How often the same code came back after it.
    failed: [u8; STEPS],
}

impl Code {
    /// Nothing.
    pub(crate) fn new(code: &str, now_ms: u64) -> Self {
        Self {
            code: code.to_owned(),
            forgot_ms: now_ms,
            tried: [0; STEPS],
            failed: [0; STEPS],
        }
    }

    /// Whether anything was tried.
    pub(crate) fn is_known(&self) -> bool {
        self.tried.iter().any(|count| *count > 0)
    }

    /// Halves all counts for each span that has passed. Where the clock has
    /// started anew, none has.
    pub(crate) fn forget(&mut self, settings: &Settings, now_ms: u64) {
        let spans = now_ms.saturating_sub(self.forgot_ms) / settings.forget_ms;
        let counted_ms = spans.saturating_mul(settings.forget_ms.get());
        self.forgot_ms = self.forgot_ms.saturating_add(counted_ms).min(now_ms);
        let halvings = u32::try_from(spans).unwrap_or(u32::MAX);
        for count in self.tried.iter_mut().chain(&mut self.failed) {
            *count = count.checked_shr(halvings).unwrap_or(0);
        }
    }

    /// The same code came back after a step.
    pub(crate) fn came_back(&mut self, step: usize) {
        if let (Some(tried), Some(failed)) = (self.tried.get_mut(step), self.failed.get_mut(step)) {
            *failed = failed.saturating_add(1);
            *tried = (*tried).max(*failed);
        }
    }

    /// A step's wait is given, and whether it is long enough will show.
    pub(crate) fn try_step(&mut self, step: usize) {
        if let (Some(tried), Some(failed)) = (self.tried.get_mut(step), self.failed.get_mut(step)) {
            if *tried >= ENOUGH {
                *tried /= 2;
                *failed /= 2;
            }
            *tried = tried.saturating_add(1);
        }
    }

    /// The shortest step from `least` on whose wait is good, else the longest.
    pub(crate) fn best(&self, settings: &Settings, least: usize) -> usize {
        let last = settings.last_step();
        (least..last)
            .find(|step| self.percent(*step) >= settings.percent)
            .unwrap_or(last)
    }

    /// Of a hundred tries, how many were not followed by the same code. What
    /// was never tried is thought to be good, so that it will be.
    fn percent(&self, step: usize) -> u64 {
        let count = |counts: &[u8]| counts.get(step).copied().map_or(0, u64::from);
        let (tried, failed) = (count(&self.tried), count(&self.failed));
        let good = tried.saturating_sub(failed).saturating_add(1);
        good.saturating_mul(100) / tried.saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(step: usize, times: u8, back: u8) -> Code {
        let mut code = Code::new("x", 0);
        (0..times).for_each(|_| code.try_step(step));
        (0..back).for_each(|_| code.came_back(step));
        code
    }

    #[test]
    fn one_that_failed_is_left_and_one_that_works_is_kept() {
        let settings = Settings::default();
        assert_eq!(Code::new("x", 0).best(&settings, 0), 0);
        assert_eq!(tried(0, 1, 1).best(&settings, 0), 1);
        assert_eq!(tried(0, 5, 1).best(&settings, 0), 0);
        assert_eq!(tried(0, 5, 2).best(&settings, 0), 1);
        assert_eq!(tried(0, 5, 0).best(&settings, 3), 3);
        assert_eq!(tried(0, 5, 0).best(&settings, usize::MAX), 8);
    }

    #[test]
    fn recent_tries_weigh_more() {
        let mut code = tried(0, 16, 16);
        for _ in 0..40 {
            code.try_step(0);
        }
        assert_eq!(code.best(&Settings::default(), 0), 0);
        assert!(code.tried[0] <= ENOUGH && code.failed[0] <= 2);
    }

    #[test]
    fn time_forgets() {
        let settings = Settings::default();
        let mut code = tried(0, 4, 4);
        code.forget(&settings, 599_999);
        assert_eq!((code.tried[0], code.failed[0]), (4, 4));
        code.forget(&settings, 1_300_000);
        assert_eq!((code.tried[0], code.failed[0], code.forgot_ms), (1, 1, 1_200_000));
        code.forget(&settings, 5);
        assert_eq!((code.tried[0], code.forgot_ms), (1, 5));
        code.forget(&settings, u64::MAX);
        assert_eq!((code.tried[0], code.best(&settings, 0)), (0, 0));
    }
}
