//! Letting a task fail.

/// Why a task is let fail.
///
/// It is no [`std::error::Error`] itself; that is what makes the conversion
/// from every other error possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiveUp(pub(super) String);

impl GiveUp {
    /// For this reason, in words for the report.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.0
    }
}

impl<E: std::error::Error> From<E> for GiveUp {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
