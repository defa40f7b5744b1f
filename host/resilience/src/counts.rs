//! What a window of time is made of.

/// One call that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call {
    /// Whether it failed.
    pub(crate) failed: bool,
    /// Whether it was slow.
    pub(crate) slow: bool,
}

/// How many calls there were of each sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sums {
    /// All.
    pub(crate) calls: u64,
    /// Those that failed.
    pub(crate) failures: u64,
    /// Those that were slow.
    pub(crate) slow: u64,
}

impl Sums {
    /// Adds others.
    pub(crate) fn add(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.failures = self.failures.saturating_add(other.failures);
        self.slow = self.slow.saturating_add(other.slow);
    }

    /// Takes others away that were added before.
    pub(crate) fn remove(&mut self, other: Self) {
        self.calls = self.calls.saturating_sub(other.calls);
        self.failures = self.failures.saturating_sub(other.failures);
        self.slow = self.slow.saturating_sub(other.slow);
    }
}

impl From<Call> for Sums {
    fn from(call: Call) -> Self {
        Self {
            calls: 1,
            failures: u64::from(call.failed),
            slow: u64::from(call.slow),
        }
    }
}
