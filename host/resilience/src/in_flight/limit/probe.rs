//! How much patience there is before what was too much is tried again.

use super::latency::WINDOW;

/// Most rounds before it is tried again. A service that takes one at a time refuses one
/// request of some thirty then.
const MAX_ROUNDS: u32 = 32;

/// What was too much, and how many rounds of successes are asked for before it is tried
/// again, and at it before it is taken for good.
///
/// Each time that it was too much again, twice as many: as TCP probes a window that is
/// closed (RFC 9293, 3.8.6.1). With so few places as providers allow, plain additive
/// increase would have every third request refused.
#[derive(Debug)]
pub(super) struct Probe {
    too_many: Option<u32>,
    rounds: u32,
}

impl Default for Probe {
    fn default() -> Self {
        Self {
            too_many: None,
            rounds: 1,
        }
    }
}

impl Probe {
    /// As many successes have to come at a limit before it is raised.
    pub(super) fn patience(&self, limit: u32) -> u32 {
        if !self.is_reached(limit.saturating_add(1)) {
            return limit;
        }
        let patience = limit.saturating_mul(self.rounds);
        // What was too much may show in the latencies alone: a window of them.
        let least = if self.is_reached(limit) { WINDOW } else { 1 };
        patience.max(least)
    }

    /// All went well at this limit.
    pub(super) fn passed(&mut self, limit: u32) {
        if self.is_reached(limit) {
            *self = Self::default();
        }
    }

    /// This limit was too much.
    pub(super) fn failed(&mut self, limit: u32) {
        if self.is_reached(limit) {
            self.rounds = (self.rounds * 2).min(MAX_ROUNDS);
        }
        self.too_many = Some(limit);
    }

    fn is_reached(&self, limit: u32) -> bool {
        self.too_many.is_some_and(|too_many| limit >= too_many)
    }
}
