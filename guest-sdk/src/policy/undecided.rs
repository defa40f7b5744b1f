//! Leaving a decision to the host.

/// Why a policy does not decide. The host's built-in policy does instead, and
/// it counts against the policy: it is for settings that cannot be used, not
/// for doubt.
///
/// It crosses as an answer that no host can take, with the reason as its cause.
///
/// It is no [`std::error::Error`] itself; that is what makes the conversion
/// from every other error possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided(String);

impl Undecided {
    /// For this reason, in words for the operator.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.0
    }
}

impl<E: std::error::Error> From<E> for Undecided {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
