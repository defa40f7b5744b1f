//! What failed in a session, how much of it is usable, and what can be done: as
//! values, of which the report, the summary and whoever asks the library are
//! told.

use serde::Serialize;

use super::failure_groups::{ALIKE, FailureGroup, MessageGroup, PLACE, UNHANDLED, context};
use super::model::{HoldEntry, PatternEntry, RecoveryEntry};
use crate::session::GiveUp;
use fusebox_events::{BreakerView, QuarantineView};
use fusebox_types::failure::{Blame, Category, Severity};
use fusebox_types::{Counts, SessionStatus};

/// What failed in a session, and how much of it is usable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartialFailure {
    /// The session's id.
    pub session: String,
    /// What it came to; none if it is under way, or its host was stopped.
    pub outcome: Option<SessionStatus>,
    /// The same in one line, for a person.
    pub message: String,
    /// How many tasks came to what, so far.
    pub counts: Counts,
    /// How many tasks have something to use: a whole result, a part of one, or
    /// what stands in for it.
    pub usable: u64,
    /// The ids of the first required tasks that are over and have nothing.
    pub required_missing: Vec<String>,
    /// Failures of tasks that have no whole result, by code and agent.
    pub failures: Vec<FailureGroupEntry>,
    /// How many tasks failed and are in no group, because there are too many
    /// codes.
    pub ungrouped: u64,
    /// The ids of the first tasks that were skipped.
    pub not_run: Vec<String>,
    /// The ids of the first tasks that were cancelled.
    pub cancelled: Vec<String>,
    /// The ids of the first tasks that were held when the session ended.
    pub held: Vec<String>,
}

/// Failures of one code by one agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailureGroupEntry {
    /// What happened: `fusebox explain <code>`.
    pub code: String,
    /// The agent.
    pub agent: String,
    /// Their class.
    pub category: Category,
    /// How bad they are.
    pub severity: Severity,
    /// Whose fault they are.
    pub blame: Blame,
    /// Whether trying again can help; null if nobody knows.
    pub retryable: Option<bool>,
    /// How many tasks ended so.
    pub count: u64,
    /// The ids of the first of them.
    pub tasks: Vec<String>,
    /// How many attempts the first of them took.
    pub attempts: u32,
    /// The most attempts that one of them took.
    pub most_attempts: u32,
    /// Why nothing more was tried then.
    pub reason: Option<GiveUp>,
    /// Before when one of them is not to be tried again, in UTC: the latest time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// What a policy said about that. A plugin's words.
    pub policy: Option<String>,
    /// What one of them says, for a person. May hold a plugin's words.
    pub message: String,
    /// What they say, each once: the first few.
    pub messages: Vec<MessageEntry>,
    /// How many of them say something else than these.
    pub other_messages: u64,
    /// What the code means.
    pub meaning: String,
    /// What to do about it.
    pub next: String,
}

/// Failures of one code by one agent that say the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageEntry {
    /// What they say, for a person. May hold a plugin's words.
    pub message: String,
    /// Where in the plugin's source it panicked: `src/lib.rs:19:68`.
    pub place: Option<String>,
    /// What the plugin did about it, if it did not handle it.
    pub unhandled: Option<String>,
    /// Why another attempt of the same instance would end the same way, if it would.
    pub alike: Option<String>,
    /// Why the first partial result that was not kept was not.
    pub partial: Option<String>,
    /// How many of them had one that was not kept.
    pub partials_lost: u64,
    /// How many tasks ended so.
    pub count: u64,
    /// The ids of the first of them.
    pub tasks: Vec<String>,
}

impl From<&MessageGroup> for MessageEntry {
    fn from(group: &MessageGroup) -> Self {
        let told = |key: &str| context(&group.sample, key).map(str::to_owned);
        Self {
            message: group.sample.message.clone(),
            place: told(PLACE),
            unhandled: told(UNHANDLED),
            alike: told(ALIKE),
            partial: group.partial.clone(),
            partials_lost: group.partials_lost,
            count: group.count,
            tasks: group.tasks.clone(),
        }
    }
}

impl From<&FailureGroup> for FailureGroupEntry {
    fn from(group: &FailureGroup) -> Self {
        let (failure, advice) = (&group.sample, group.sample.code.advice());
        let who = match group.reason {
            Some(GiveUp::FailsSession) => "degradation",
            _ => "policy",
        };
        Self {
            code: failure.code.to_string(),
            agent: group.agent.clone(),
            category: failure.category,
            severity: failure.severity,
            blame: failure.blame,
            retryable: failure.retryable,
            count: group.count,
            tasks: group.tasks.clone(),
            attempts: group.attempts,
            most_attempts: group.most_attempts,
            reason: group.reason,
            not_before: group.not_before.map(super::not_before),
            policy: context(failure, who).map(str::to_owned),
            message: failure.message.clone(),
            messages: group.messages.iter().map(Into::into).collect(),
            other_messages: group.other_messages,
            meaning: advice.meaning.into(),
            next: advice.next.into(),
        }
    }
}

/// All that is known of what failed in a session, and what can be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailureReport {
    /// What failed, and how much is usable.
    pub failure: PartialFailure,
    /// Patterns among the failures.
    pub patterns: Vec<PatternEntry>,
    /// Circuit breakers that have opened.
    pub breakers: Vec<BreakerView>,
    /// Breakers that held tasks back.
    pub holds: Vec<HoldEntry>,
    /// Instances that were taken out of their pools, or would have been: the
    /// last quarantine of each.
    pub quarantined: Vec<QuarantineView>,
    /// What can be done next.
    pub recovery: Vec<RecoveryEntry>,
}
