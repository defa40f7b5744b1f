//! Failures of a session by agent and code, folded from the ends of its tasks.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::summary::NAMED;
use crate::session::GiveUp;
use fusebox_events::TaskRecord;
use fusebox_types::failure::Failure;

/// How many groups are kept apart; a guest's codes are an open set.
const GROUPS: usize = 200;
/// How many messages of a group are kept apart; so are a guest's words.
const MESSAGES: usize = 5;

/// Failures of one code by one agent.
#[derive(Debug, Clone)]
pub struct FailureGroup {
    /// The agent.
    pub agent: String,
    /// One of them.
    pub sample: Arc<Failure>,
    /// How many tasks ended so.
    pub count: u64,
    /// How many attempts the first of them took.
    pub attempts: u32,
    /// The most attempts that one of them took.
    pub most_attempts: u32,
    /// Why nothing more was tried then.
    pub reason: Option<GiveUp>,
    /// Before when one of them is not to be tried again: the latest time.
    pub not_before: Option<Timestamp>,
    /// The ids of the first of them.
    pub tasks: Vec<String>,
    /// The same by what they say, in the order in which that was first said.
    pub messages: Vec<MessageGroup>,
    /// How many say something else than these.
    pub other_messages: u64,
}

/// Failures of one code by one agent that say the same.
#[derive(Debug, Clone)]
pub struct MessageGroup {
    /// One of them.
    pub sample: Arc<Failure>,
    /// How many tasks ended so.
    pub count: u64,
    /// The ids of the first of them.
    pub tasks: Vec<String>,
    /// Why the first partial result that was not kept was not.
    pub partial: Option<String>,
    /// How many of them had one that was not kept.
    pub partials_lost: u64,
}

impl MessageGroup {
    /// Takes a task that ended so.
    fn add(&mut self, task: &str, failure: &Failure) {
        self.count += 1;
        if self.tasks.len() < NAMED {
            self.tasks.push(task.to_owned());
        }
        if let Some(lost) = context(failure, PARTIAL) {
            self.partial.get_or_insert_with(|| lost.to_owned());
            self.partials_lost += 1;
        }
    }

    /// Whether a failure says the same.
    fn is_of(&self, failure: &Failure) -> bool {
        let told = |key: &str| context(&self.sample, key) == context(failure, key);
        self.sample.message == failure.message && told(PLACE) && told(UNHANDLED) && told(ALIKE)
    }
}

/// Where a guest panicked.
pub(super) const PLACE: &str = "place";
/// What a guest did about a failure that it did not handle.
pub(super) const UNHANDLED: &str = "unhandled";
/// Why another attempt of the same instance would end the same way.
pub(super) const ALIKE: &str = "alike";

/// Why a partial result was not kept.
const PARTIAL: &str = "partial";

/// What the context of a failure says under a key.
pub(super) fn context<'f>(failure: &'f Failure, key: &str) -> Option<&'f str> {
    let mut context = failure.context.iter();
    context
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.as_str())
}

impl FailureGroup {
    /// Takes what a task ended with by what that says.
    fn say(&mut self, task: &str, failure: &Arc<Failure>) {
        let known = self.messages.iter().position(|said| said.is_of(failure));
        let at = known.unwrap_or(self.messages.len());
        if at == MESSAGES {
            self.other_messages += 1;
            return;
        }
        if known.is_none() {
            self.messages.push(MessageGroup {
                sample: failure.clone(),
                count: 0,
                tasks: Vec::new(),
                partial: None,
                partials_lost: 0,
            });
        }
        if let Some(said) = self.messages.get_mut(at) {
            said.add(task, failure);
        }
    }
}

/// Failures by code and agent.
#[derive(Debug, Default)]
pub(super) struct FailureGroups {
    groups: BTreeMap<(String, String), FailureGroup>,
    ungrouped: u64,
}

impl FailureGroups {
    /// Takes what a task of an agent came to after so many attempts, if it failed.
    pub(super) fn add(&mut self, agent: &str, task: &str, attempts: u32, record: &TaskRecord) {
        let Some(failure) = &record.failure else { return };
        let reason = record.reason;
        let key = (failure.code.to_string(), agent.to_owned());
        if !self.groups.contains_key(&key) && self.groups.len() >= GROUPS {
            self.ungrouped += 1;
            return;
        }
        let group = self.groups.entry(key).or_insert_with(|| FailureGroup {
            agent: agent.to_owned(),
            sample: failure.clone(),
            count: 0,
            attempts,
            most_attempts: attempts,
            reason,
            not_before: None,
            tasks: Vec::new(),
            messages: Vec::new(),
            other_messages: 0,
        });
        // That one of them ended the session is told before what the first came to.
        if reason == Some(GiveUp::FailsSession) {
            (group.sample, group.attempts, group.reason) = (failure.clone(), attempts, reason);
        }
        group.most_attempts = group.most_attempts.max(attempts);
        group.not_before = group.not_before.max(record.not_before);
        group.count += 1;
        if group.tasks.len() < NAMED {
            group.tasks.push(task.to_owned());
        }
        group.say(task, failure);
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &FailureGroup> {
        self.groups.values()
    }

    /// Tasks that are in no group, because there are too many codes.
    pub(super) const fn ungrouped(&self) -> u64 {
        self.ungrouped
    }
}
