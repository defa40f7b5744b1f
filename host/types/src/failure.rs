//! Failures: what went wrong, whose fault it is, and what follows from it.
//!
//! Every way an attempt can end without a result maps to one [`Failure`], by
//! type and never by text. All that is known of a code stands in its row of one
//! table: what follows from it (class, severity, blame, whether trying again can
//! help), which is [`Code::row`], and what a person should do about it, which is
//! [`Code::advice`].

mod advice;
mod code;
mod kind;
mod printable;
mod row;
mod tried_again;

pub use advice::Advice;
pub use code::{Code, UnknownCode};
pub use printable::{is_hostile, is_plain, printable};
pub use row::Row;

use serde::{Deserialize, Serialize};

/// Longest message that a failure carries, in bytes. What a guest says is cut
/// here.
pub const MAX_MESSAGE_BYTES: usize = 4 * 1024;

/// What the host calls things beside a failure's message. A guest's own of these names
/// are shown as `guest.<name>`, so that nobody takes its words for the host's.
pub const HOST_CONTEXT: [&str; 18] = [
    "alike",
    "cached",
    "degradation",
    "denied",
    "fallback",
    "frames",
    "grant",
    "guest",
    "location",
    "partial",
    "path",
    "place",
    "policy",
    "standing",
    "status",
    "unhandled",
    "upstream",
    "upstream_code",
];

/// The class of a failure: the eight of the user's design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// The network, or something on the way, failed.
    Network,
    /// A service refused because of a rate, a quota or its load.
    ApiLimit,
    /// The plugin itself failed.
    InstanceFailure,
    /// A board or another document is damaged.
    CanvasCorruption,
    /// Too much memory was asked for.
    MemoryOverflow,
    /// Something took too long.
    Timeout,
    /// Data is not what it has to be.
    Validation,
    /// Anything about the system around it.
    System,
}

/// How bad a failure is for the person who waits for the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The result is hardly affected.
    Low,
    /// Part of the result is affected.
    Medium,
    /// The result is missing.
    High,
    /// Nothing can go on until somebody acts.
    Critical,
}

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Blame {
    /// The plugin's.
    Guest,
    /// An outside service's.
    Upstream,
    /// That of the data it was given.
    Input,
    /// That of whoever configured or stopped it.
    Operator,
    /// The host's own.
    Host,
}

/// Serializes an enum's name through its serde name, for people.
macro_rules! display_as_serialized {
    ($($kind:ty),*) => {$(
        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.serialize(f)
            }
        }
    )*};
}
display_as_serialized!(Category, Severity, Blame);

/// One classified failure of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened.
    pub code: Code,
    /// Its class; the table's, or the guest's own for a `guest.` code.
    pub category: Category,
    /// How bad it is.
    pub severity: Severity,
    /// Whose fault it is.
    pub blame: Blame,
    /// Whether trying again can help; none if nobody knows.
    pub retryable: Option<bool>,
    /// The least wait before another try, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// What happened, for a person. May hold a guest's words: print it through
    /// [`printable`].
    pub message: String,
    /// Anything else worth knowing, as name and value.
    pub context: Vec<(String, String)>,
}

impl Failure {
    /// A failure with all that its code says of it.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let row = code.row();
        Self {
            code,
            category: row.category,
            severity: row.severity,
            blame: row.blame,
            retryable: row.retryable,
            retry_after_ms: None,
            message: cut(message.into()),
            context: Vec::new(),
        }
    }

    /// Whether it is a strike against the instance: what is not the guest's fault
    /// is none.
    pub fn is_strike(&self) -> bool {
        self.code.row().strike && self.blame == Blame::Guest
    }

    /// Whether it counts on the agent's circuit breaker.
    pub fn counts_on_agent(&self) -> bool {
        self.code.row().agent_breaker && self.blame == Blame::Guest && !self.is_of_the_input()
    }

    /// Whether a guest declares it as a matter of what it was given: bad data, or
    /// nothing that another attempt could mend.
    fn is_of_the_input(&self) -> bool {
        // What the host found out about trying again is no declaration.
        let is_declared = !self.context.iter().any(|(name, _)| name == "alike");
        let is_final = self.retryable == Some(false) && is_declared;
        matches!(self.code, Code::Guest(_)) && (self.category == Category::Validation || is_final)
    }

    /// The upstream that it is about, if it is about one.
    pub fn upstream(&self) -> Option<&str> {
        let upstream = self.context.iter().find(|(name, _)| name == "upstream");
        upstream.map(|(_, name)| name.as_str())
    }

    /// The same with one more thing worth knowing.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.context.push((key.to_owned(), value.to_string()));
        self
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, printable(&self.message))
    }
}

impl std::error::Error for Failure {}

/// An error and its causes, in one text.
pub fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Cuts a text at the longest message, at a character's edge, and lets go of what
/// the rest of it held.
fn cut(mut text: String) -> String {
    if text.len() > MAX_MESSAGE_BYTES {
        text.truncate(text.floor_char_boundary(MAX_MESSAGE_BYTES - '…'.len_utf8()));
        text.push('…');
    }
    text.shrink_to_fit();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_at_a_character() {
        let failure = Failure::new(Code::TrapUnreachable, "界".repeat(4000));
        assert!(failure.message.len() <= MAX_MESSAGE_BYTES);
        assert!(failure.message.ends_with("界…"));
    }

    #[test]
    fn display_uses_the_names_of_the_report() {
        assert_eq!(Category::ApiLimit.to_string(), "api-limit");
        assert_eq!(Severity::Critical.to_string(), "critical");
        assert_eq!(Blame::Guest.to_string(), "guest");
    }

    #[test]
    fn a_guests_words_are_neutral_where_they_are_shown() {
        let failure = Failure::new(Code::TrapPanic, "a\u{1b}[2Jb\nc");
        assert_eq!(failure.to_string(), "trap.panic: a\\u{1b}[2Jb\\nc");
    }
}
