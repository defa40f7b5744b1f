//! One moment on a machine's own time and on that of all runs: what is kept from
//! one run to the next is by that.

use std::time::Duration;

/// The same moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BothClocks {
    pub(crate) own: Duration,
    /// Unix time in milliseconds.
    pub(crate) unix: u64,
}

impl BothClocks {
    pub(crate) fn to_unix(self, own: Duration) -> u64 {
        let past = self.unix.saturating_sub(millis(self.own.saturating_sub(own)));
        past.saturating_add(millis(own.saturating_sub(self.own)))
    }

    /// Never later than the moment itself: what is shared may be ahead, from a run
    /// before the machine was started again.
    pub(crate) fn to_own(self, unix: u64) -> Duration {
        let ago = self.unix.saturating_sub(unix);
        self.own.saturating_sub(Duration::from_millis(ago))
    }
}

/// A time in whole milliseconds.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
