//! Who is told of what needs a person, and how.

mod check;
mod command;
mod webhook;

pub use check::{contradictions as notify_contradictions, upstream_of};
pub use command::CommandRules;
pub use webhook::WebhookRules;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use fusebox_types::units::Span;
use fusebox_types::units::span;

/// Who is told of what needs a person while a session runs, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct NotifyRules {
    /// The least time between two notices that the same thing began again. What
    /// comes and goes meanwhile is counted, and told with the next one. Sooner
    /// than a minute nobody has acted on the first.
    #[serde(with = "span")]
    #[cfg_attr(feature = "schema", schemars(with = "Span", extend("x-least" = "0ms", "x-most" = "24h")))]
    pub min_interval: Duration,
    /// Lines on standard error.
    pub terminal: NoticeLines,
    /// JSON lines in the session's `logs/notices.jsonl`.
    pub log: NoticeLines,
    /// URLs that notices are posted to, by a name of your own.
    #[cfg_attr(feature = "schema", schemars(extend("propertyNames" = {"pattern": "^[a-z0-9-]{1,64}$"}, "maxProperties" = 16, "x-expected" = "a mapping of at most 16 webhooks")))]
    pub webhooks: BTreeMap<String, WebhookRules>,
    /// Commands that notices are handed to, by a name of your own.
    #[cfg_attr(feature = "schema", schemars(extend("propertyNames" = {"pattern": "^[a-z0-9-]{1,64}$"}, "maxProperties" = 16, "x-expected" = "a mapping of at most 16 commands")))]
    pub commands: BTreeMap<String, CommandRules>,
}

impl Default for NotifyRules {
    fn default() -> Self {
        Self {
            min_interval: Duration::from_secs(60),
            terminal: NoticeLines::default(),
            log: NoticeLines::default(),
            webhooks: BTreeMap::new(),
            commands: BTreeMap::new(),
        }
    }
}

impl NotifyRules {
    /// The same with paths that start at folders, which are asked for by the keys
    /// below this section.
    pub fn based(mut self, base: impl Fn(&[&str]) -> PathBuf) -> Self {
        for (name, webhook) in &mut self.webhooks {
            webhook.rebase(|keys| base(&[&["webhooks", name], keys].concat()));
        }
        for (name, command) in &mut self.commands {
            command.rebase(|keys| base(&[&["commands", name], keys].concat()));
        }
        self
    }
}

/// Lines of text, and which notices become one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct NoticeLines {
    /// Whether they are written at all. They are: who looks here wants to know.
    pub enabled: bool,
    /// The least level that is told. All by default: a line costs nothing.
    pub min_level: NoticeLevel,
    /// What is told of. Everything by default.
    #[cfg_attr(feature = "schema", schemars(extend("x-expected" = TOPICS)))]
    pub topics: Vec<NoticeTopic>,
}

impl Default for NoticeLines {
    fn default() -> Self {
        Self {
            enabled: true,
            min_level: NoticeLevel::Info,
            topics: all_topics(),
        }
    }
}

#[cfg(feature = "schema")]
pub(super) const TOPICS: &str =
    "a list of topics: circuit, instance, quota, policy, pattern, session, storage";

/// How much a notice needs a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// Something is lost or slower unless somebody looks at it.
    Warning,
    /// The session fails, or cannot go on as it is.
    Critical,
}

impl NoticeLevel {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

pub(super) const fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

pub(super) const fn warning() -> NoticeLevel {
    NoticeLevel::Warning
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NoticeTopic {
    /// A breaker opened, or closed again.
    #[serde(rename = "circuit")]
    Breaker,
    /// An instance left its pool, or is back.
    Instance,
    /// A quota of an upstream is nearly or wholly used up.
    Quota,
    /// A policy component is not asked any more.
    Policy,
    /// Many failures of one kind.
    Pattern,
    /// A required task has nothing, a cause such as a wrong key stands, or the
    /// session ended without all results.
    Session,
    /// The journal or the output directory cannot be written.
    Storage,
}

impl NoticeTopic {
    /// All that there are.
    pub const ALL: [Self; 7] = [
        Self::Breaker,
        Self::Instance,
        Self::Quota,
        Self::Policy,
        Self::Pattern,
        Self::Session,
        Self::Storage,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Breaker => "circuit",
            Self::Instance => "instance",
            Self::Quota => "quota",
            Self::Policy => "policy",
            Self::Pattern => "pattern",
            Self::Session => "session",
            Self::Storage => "storage",
        }
    }
}

pub(super) fn all_topics() -> Vec<NoticeTopic> {
    NoticeTopic::ALL.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_configuration() {
        for topic in NoticeTopic::ALL {
            assert_eq!(serde_json::to_value(topic).unwrap(), topic.name());
            assert!(TOPICS.contains(topic.name()));
        }
        for level in [NoticeLevel::Info, NoticeLevel::Warning, NoticeLevel::Critical] {
            assert_eq!(serde_json::to_value(level).unwrap(), level.name());
        }
    }
}
