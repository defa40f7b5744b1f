//! The ways to a person.

mod command;
mod lines;
mod webhook;

pub use lines::Print;

use std::sync::Arc;

use command::Program;
use lines::Lines;
use webhook::Webhook;

use super::notice::Notice;
use super::notifier::Outlets;
use crate::config::{CommandRules, NoticeLevel, NoticeTopic, NotifyRules, WebhookRules};
use fusebox_secrets::Vault;

/// Which notices a channel wants.
pub(super) struct Wanted {
    min_level: NoticeLevel,
    topics: Vec<NoticeTopic>,
}

impl Wanted {
    fn new(min_level: NoticeLevel, topics: &[NoticeTopic]) -> Self {
        let topics = topics.to_vec();
        Self { min_level, topics }
    }

    pub(super) fn wants(&self, notice: &Notice) -> bool {
        notice.level >= self.min_level && self.topics.contains(&notice.topic)
    }
}

/// A way to a person.
pub(super) enum Channel {
    /// Lines of text, or of JSON.
    Lines(Lines),
    /// A URL.
    Webhook {
        name: String,
        rules: WebhookRules,
        /// Why not, if it cannot be used.
        ready: Result<Box<Webhook>, String>,
    },
    /// A command.
    Command {
        name: String,
        rules: CommandRules,
        ready: Result<Program, String>,
    },
}

impl Channel {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Lines(lines) => lines.name().into(),
            Self::Webhook { name, .. } => format!("webhook `{name}`"),
            Self::Command { name, .. } => format!("command `{name}`"),
        }
    }

    /// Fetches secrets and certificates.
    ///
    /// # Errors
    /// If they are not there. No delivery succeeds then.
    pub(super) async fn prepare(&mut self, vault: &Vault) -> Result<(), String> {
        match self {
            Self::Lines(_) => Ok(()),
            Self::Webhook { rules, ready, .. } => {
                *ready = Webhook::new(rules, vault).map(Box::new);
                ready.as_ref().map(|_| ()).map_err(Clone::clone)
            }
            Self::Command { rules, ready, .. } => {
                *ready = Program::new(rules, vault);
                ready.as_ref().map(|_| ()).map_err(Clone::clone)
            }
        }
    }

    /// Delivers a notice, with all the tries that it takes.
    ///
    /// # Errors
    /// Why it was not. May hold somebody's words.
    pub(super) async fn deliver(&mut self, notice: &Arc<Notice>) -> Result<(), String> {
        match self {
            Self::Lines(lines) => lines.deliver(notice).await,
            Self::Webhook { ready, .. } => match ready {
                Ok(webhook) => webhook.deliver(notice).await,
                Err(why) => Err(why.clone()),
            },
            Self::Command { ready, .. } => match ready {
                Ok(program) => program.deliver(notice).await,
                Err(why) => Err(why.clone()),
            },
        }
    }
}

/// The channels of a configuration.
pub(super) fn of(rules: &NotifyRules, to: Outlets) -> Vec<(Wanted, Channel)> {
    let not_ready = || "it is not ready yet".to_owned();
    let terminal = to.print.filter(|_| rules.terminal.enabled).map(Lines::terminal);
    let log = to.out.filter(|_| rules.log.enabled).map(Lines::log);
    let lines = [(&rules.terminal, terminal), (&rules.log, log)];
    let lines = lines.into_iter().filter_map(|(rules, lines)| {
        Some((
            Wanted::new(rules.min_level, &rules.topics),
            Channel::Lines(lines?),
        ))
    });
    let webhooks = rules.webhooks.iter().map(|(name, rules)| {
        let channel = Channel::Webhook {
            name: name.clone(),
            rules: rules.clone(),
            ready: Err(not_ready()),
        };
        (Wanted::new(rules.min_level, &rules.topics), channel)
    });
    let commands = rules.commands.iter().map(|(name, rules)| {
        let channel = Channel::Command {
            name: name.clone(),
            rules: rules.clone(),
            ready: Err(not_ready()),
        };
        (Wanted::new(rules.min_level, &rules.topics), channel)
    });
    lines.chain(webhooks).chain(commands).collect()
}
