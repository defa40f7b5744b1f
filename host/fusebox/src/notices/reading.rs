//! From events to what began and what ended.

mod breaker;
mod hold;
mod instance;
mod pattern;
mod quota;
mod standing;
mod task;

use std::sync::Arc;

use jiff::Timestamp;

use super::alert::{Alert, AlertChange};
use super::notice::About;
use crate::config::{NoticeLevel, NoticeTopic};
use crate::report::quote;
use crate::session::Graph;
use fusebox_events::Event;
use fusebox_system::wall_clock;

/// Reads events. What was told before a session was resumed is no news.
pub(super) struct Reading {
    graph: Arc<Graph>,
    commands: Commands,
    patterns: pattern::Watch,
    holds: hold::Holds,
    /// When the session began; none while it is told what happened before.
    began: Option<Timestamp>,
}

impl Reading {
    pub(super) fn new(about: &About, graph: Arc<Graph>) -> Self {
        Self {
            graph,
            commands: Commands::new(about),
            patterns: pattern::Watch::new(),
            holds: hold::Holds::default(),
            began: None,
        }
    }

    /// What an event says that a person may have to know.
    pub(super) fn read(&mut self, event: &Event) -> Vec<AlertChange> {
        if let Event::SessionStarted { at, .. } = event {
            self.began = Some(*at);
        }
        let Some(began) = self.began else {
            return Vec::new();
        };
        let mut said = self.patterns.read(event, &self.graph, began);
        match event {
            Event::Breaker { key, transition, .. } => {
                let change = breaker::read(event, &self.commands);
                said.extend(change.and_then(|change| self.holds.breaker(key, transition.to, change)));
            }
            Event::Hold { .. } => said.extend(self.holds.holds(event, &self.commands)),
            Event::Instance { .. } => said.extend(instance::read(event, &self.commands)),
            Event::QuotaWarning { upstream, warning } => said.push(quota::nearly(upstream, warning)),
            Event::AttemptEnded { attempt, .. } => {
                said.extend(attempt.failure.as_deref().and_then(quota::used_up));
            }
            Event::TaskEnded { task, record } => {
                said.extend(record.failure.as_deref().and_then(quota::used_up));
                said.extend(self.holds.lost(record));
                said.extend(task::ended(&self.graph, *task, record));
            }
            Event::PolicyStrike {
                policy,
                about,
                message,
                put_aside: true,
            } => said.push(put_aside(policy, about, message)),
            Event::Standing {
                at,
                about,
                failure,
                tasks,
            } => said.extend(standing::begins(*at, about, failure, tasks, &self.commands)),
            Event::PolicyStrike { .. }
            | Event::SessionStarted { .. }
            | Event::AttemptStarted { .. }
            | Event::Progress { .. }
            | Event::HandedIn { .. }
            | Event::RetryScheduled { .. }
            | Event::TaskHeld { .. }
            | Event::Instances(_)
            | Event::Reload { .. }
            | Event::SessionEnded { .. } => {}
        }
        said
    }
}

fn put_aside(policy: &str, about: &str, message: &str) -> AlertChange {
    let key = format!("policy:{policy}:{about}:put-aside");
    let what = format!("policy {policy} for {about} is put aside");
    let alert = Alert::new(
        NoticeTopic::Policy,
        NoticeLevel::Warning,
        &key,
        wall_clock::now(),
        &what,
    );
    let alert = alert
        .because(message)
        .then("the built-in policy decides in its place");
    AlertChange::Begins(alert.command(format!("fusebox policy check {}", quote(policy))))
}

/// Commands about a session, ready to paste.
pub(super) struct Commands {
    session: String,
}

impl Commands {
    fn new(about: &About) -> Self {
        let folder = about.folder.as_ref();
        let session = folder.map_or_else(
            || about.session.clone(),
            |folder| folder.to_string_lossy().into_owned(),
        );
        Self {
            session: quote(&session),
        }
    }

    /// That runs again what failed.
    fn retry(&self) -> String {
        format!("fusebox resume {} --retry-failed", self.session)
    }

    /// Such as `breaker show` of one breaker.
    fn of(&self, command: &str, of: &str) -> String {
        format!("fusebox {command} {} {}", self.session, quote(of))
    }
}

#[cfg(test)]
mod tests;
