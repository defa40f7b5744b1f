//! The one circuit behind the lanes.

use std::time::Duration;

use super::calm::Calm;
use crate::breaker::BreakerRules;
use crate::breaker::machine::Breaker;

/// Results in a row, none a failure or slow, before lanes are opened: to open and
/// close them costs as much as they save on a few calls.
pub(super) const PATIENCE: u32 = 16;

/// The circuit itself, and what it knows of its lanes.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) breaker: Breaker,
    /// What lanes may be opened for.
    pub(super) calm: Option<Calm>,
    /// The lanes that may be open, a bit for each.
    pub(super) open: u32,
    /// Results that came here since the last failure or slow call.
    quick: u32,
}

impl Whole {
    /// As [`Breaker::new`], and no lane is open.
    pub(super) fn new(now: Duration) -> Self {
        Self {
            breaker: Breaker::new(now),
            calm: None,
            open: 0,
            quick: 0,
        }
    }

    /// Notes whether a result was anything but a failure or slow.
    #[inline]
    pub(super) const fn heed(&mut self, quick: bool) {
        self.quick = if quick { self.quick.saturating_add(1) } else { 0 };
    }

    /// Says what lanes may be opened for from here on. All are closed.
    #[inline]
    pub(super) fn settle(&mut self, rules: &BreakerRules) {
        if self.quick >= PATIENCE {
            self.calm = self.breaker.calm(rules);
        } else if self.calm.is_some() {
            self.calm = None;
        }
    }
}
