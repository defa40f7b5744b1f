//! An alert: something that a person should know while it lasts.

use std::time::Duration;

use jiff::Timestamp;

use crate::config::{NoticeLevel, NoticeTopic};
use fusebox_types::failure::printable;

/// Longest text of an alert, in characters. What a guest says is cut here.
const MAX_CHARS: usize = 400;

/// Something that a person should know. Its texts are harmless to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The same for the same alert: `circuit:upstream:llm:open`.
    pub key: String,
    /// What it is about.
    pub topic: NoticeTopic,
    /// How much it needs a person.
    pub level: NoticeLevel,
    /// How long it lasts.
    pub lasts: Lasts,
    /// When it began, or ended.
    pub at: Timestamp,
    /// What happened.
    pub what: String,
    /// Why; empty if that is all there is to say.
    pub why: String,
    /// What comes next, or what to do; empty if nothing.
    pub next: String,
    /// Commands that help, ready to paste into a shell.
    pub commands: Vec<String>,
}

/// How long an alert lasts. While it does, that it begins is nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// Until it is said to have ended.
    UntilEnded,
    /// For so long; nothing says that it has ended. Zero for what only happens.
    For(Duration),
}

/// What is said of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertChange {
    /// It has begun, or happened.
    Begins(Alert),
    /// It is over. The words are those of the end.
    Ends(Alert),
}

impl Alert {
    /// An alert that happens once, without a reason yet.
    pub(super) fn new(topic: NoticeTopic, level: NoticeLevel, key: &str, at: Timestamp, what: &str) -> Self {
        Self {
            key: harmless(key),
            topic,
            level,
            lasts: Lasts::For(Duration::ZERO),
            at,
            what: harmless(what),
            why: String::new(),
            next: String::new(),
            commands: Vec::new(),
        }
    }

    pub(super) fn lasting(self, lasts: Lasts) -> Self {
        Self { lasts, ..self }
    }

    pub(super) fn because(mut self, why: &str) -> Self {
        self.why = harmless(why);
        self
    }

    pub(super) fn then(mut self, next: &str) -> Self {
        self.next = harmless(next);
        self
    }

    /// A command must not be cut: it does something else then.
    pub(super) fn command(mut self, command: String) -> Self {
        self.commands.push(command);
        self
    }
}

/// A text on one line, cut.
fn harmless(text: &str) -> String {
    let text = printable(text.trim());
    match text.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or(&text)),
        None => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_matter_is_told_it_is_one_harmless_line() {
        let hostile = format!("a\u{1b}[2J\nb\u{202e}{}", "界".repeat(10_000));
        let alert = Alert::new(
            NoticeTopic::Policy,
            NoticeLevel::Warning,
            &hostile,
            Timestamp::UNIX_EPOCH,
            &hostile,
        );
        let alert = alert.because(&hostile).then(&hostile);
        for text in [&alert.key, &alert.what, &alert.why, &alert.next] {
            assert!(text.starts_with("a\\u{1b}[2J\\nb\\u{202e}界"), "{text}");
            assert_eq!(text.chars().count(), MAX_CHARS + 1);
        }
    }
}
