//! What attempts use.

use std::time::Duration;

/// What an attempt used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// WebAssembly instructions, roughly.
    pub fuel: u64,
    /// The most bytes of memory that there were at once.
    pub memory_peak: u64,
    /// Time during which it held a core.
    pub cpu: Duration,
    /// Time from its start to its end.
    pub wall: Duration,
    /// How much of that it stood in the host's own queues, and did nothing else. Not
    /// kept: whatever is judged by it is judged when the attempt ends.
    pub queued: Duration,
}

impl Usage {
    /// The time that it took itself, which it answers for.
    pub fn own_time(&self) -> Duration {
        self.wall.saturating_sub(self.queued)
    }
}
