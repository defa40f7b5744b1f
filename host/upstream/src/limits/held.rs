//! An upstream's own word that it gives no more for a while.

use serde::{Deserialize, Serialize};

/// The longest that an upstream's own word holds, in milliseconds: no plan's
/// quota is longer than a month or two.
pub(super) const LONGEST_HOLD_MS: u64 = 62 * 24 * 3600 * 1000;

/// The upstream gives an agent no more until a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    since_ms: u64,
    until_ms: u64,
}

impl Held {
    /// Until a time, or as long as is believed.
    pub(super) fn new(now_ms: u64, until_ms: u64) -> Self {
        Self {
            since_ms: now_ms,
            until_ms: until_ms.min(now_ms.saturating_add(LONGEST_HOLD_MS)),
        }
    }

    pub(super) const fn until_ms(&self) -> u64 {
        self.until_ms
    }

    /// As long as it was, from now, if the clock has jumped back.
    pub(super) fn settle(&mut self, now_ms: u64) {
        let ahead = self.since_ms.saturating_sub(now_ms);
        self.since_ms -= ahead;
        self.until_ms = self.until_ms.saturating_sub(ahead);
    }
}
