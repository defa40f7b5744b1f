//! A notice: what is told of an alert, as people and programs read it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::dedup::Notification;
use crate::config::{NoticeLevel, NoticeTopic};
use fusebox_types::Counts;

/// The version of a notice's shape.
const SCHEMA: &str = "fusebox.notice/1";

/// What is told of an alert. As JSON it is what webhooks, commands and the log
/// are given. Its texts are harmless to print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// `fusebox.notice/1`.
    pub schema: &'static str,
    /// Its own; a notice that comes twice has the same.
    pub id: String,
    /// The session's id.
    pub session: String,
    /// The session's output directory.
    pub folder: Option<String>,
    /// When it happened, in UTC.
    pub at: String,
    /// How much it needs a person. That something is over has the level of what
    /// is over.
    pub level: NoticeLevel,
    /// What it is about.
    pub topic: NoticeTopic,
    /// The same for the same alert: `circuit:upstream:llm:open`.
    #[serde(rename = "matter")]
    pub alert: String,
    /// Whether the alert is over.
    pub ended: bool,
    /// All of it in one line.
    pub text: String,
    /// What happened.
    pub what: String,
    /// Why.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What comes next, or what to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub next: String,
    /// Commands that help, ready to paste into a shell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// How often else it began since that was last told.
    pub repeats: u64,
    /// How many tasks came to what, at a session's end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// At a session's end: the alerts that began again and were not told, and
    /// how often.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub untold: BTreeMap<String, u64>,
}

/// What a notice says of the session that it is of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The session's id.
    pub session: String,
    /// Its output directory, if it has one: commands name it.
    pub folder: Option<std::path::PathBuf>,
}

impl Notice {
    /// The notice of a notification. `number` counts those of this run of the session.
    pub(super) fn new(about: &About, number: u64, notification: Notification) -> Self {
        let text = text(&notification);
        let Notification {
            alert,
            ended,
            repeats,
        } = notification;
        Self {
            schema: SCHEMA,
            id: format!("{}/{}-{number}", about.session, alert.at.as_microsecond()),
            session: about.session.clone(),
            folder: about
                .folder
                .as_ref()
                .map(|folder| folder.to_string_lossy().into_owned()),
            at: format!("{:.6}", alert.at),
            level: alert.level,
            topic: alert.topic,
            alert: alert.key,
            ended,
            text,
            what: alert.what,
            why: alert.why,
            next: alert.next,
            commands: alert.commands,
            repeats,
            counts: None,
            untold: BTreeMap::new(),
        }
    }
}

/// What happened, why, how often, and what comes next, in one line.
fn text(notification: &Notification) -> String {
    let alert = &notification.alert;
    let mut text = alert.what.clone();
    if !alert.why.is_empty() {
        text.push_str(&format!(" ({})", alert.why));
    }
    match notification.repeats {
        0 => {}
        1 => text.push_str("; once more since that was last told"),
        more => text.push_str(&format!("; {more} more times since that was last told")),
    }
    if !alert.next.is_empty() {
        text.push_str("; ");
        text.push_str(&alert.next);
    }
    text
}
