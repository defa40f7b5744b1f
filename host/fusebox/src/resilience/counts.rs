//! What a window of time is made of.

/// One call that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::resilience) struct Call {
    /// Whether it failed.
    pub(in crate::resilience) failed: bool,
    /// Whether it was slow.
    pub(in crate::resilience) slow: bool,
}

/// How many calls there were of each sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::resilience) struct Sums {
    /// All.
    pub(in crate::resilience) calls: u64,
    /// Those that failed.
    pub(in crate::resilience) failures: u64,
    /// Those that were slow.
    pub(in crate::resilience) slow: u64,
}

impl Sums {
    /// Adds others.
    pub(in crate::resilience) fn add(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.failures = self.failures.saturating_add(other.failures);
        self.slow = self.slow.saturating_add(other.slow);
    }

    /// Takes others away that were added before.
    pub(in crate::resilience) fn remove(&mut self, other: Self) {
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
