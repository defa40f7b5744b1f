//! What a person is told about a failure.

/// What a code means and what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// What happened, in one sentence.
    pub meaning: &'static str,
    /// What to do about it.
    pub next: &'static str,
}
