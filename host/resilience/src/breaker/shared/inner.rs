//! The one breaker behind the shards.

use std::time::Duration;

use super::fast_path::FastPath;
use crate::breaker::BreakerRules;
use crate::breaker::machine::Breaker;

/// Results in a row, none a failure or slow, before shards are opened: to open and
/// close them costs as much as they save on a few calls.
pub(super) const PATIENCE: u32 = 16;

/// The breaker itself, and what it knows of its shards.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) breaker: Breaker,
    /// What shards may be opened for.
    pub(super) fast_path: Option<FastPath>,
    /// The shards that may be open, a bit for each.
    pub(super) open: u32,
    /// Results that came here since the last failure or slow call.
    quick: u32,
}

impl Inner {
    /// As [`Breaker::new`], and no shard is open.
    pub(super) fn new(now: Duration) -> Self {
        Self {
            breaker: Breaker::new(now),
            fast_path: None,
            open: 0,
            quick: 0,
        }
    }

    /// Notes whether a result was anything but a failure or slow.
    #[inline]
    pub(super) const fn heed(&mut self, quick: bool) {
        self.quick = if quick { self.quick.saturating_add(1) } else { 0 };
    }

    /// Says what shards may be opened for from here on. All are closed.
    #[inline]
    pub(super) fn settle(&mut self, rules: &BreakerRules) {
        if self.quick >= PATIENCE {
            self.fast_path = self.breaker.fast_path(rules);
        } else if self.fast_path.is_some() {
            self.fast_path = None;
        }
    }
}
