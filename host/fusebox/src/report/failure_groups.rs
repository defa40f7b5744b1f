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
    /// Why nothing more was tried then.
    pub reason: Option<GiveUp>,
    /// Before when one of them is not to be tried again: the latest time.
    pub not_before: Option<Timestamp>,
    /// The ids of the first of them.
    pub tasks: Vec<String>,
}

/// Failures by code and agent.
#[derive(Debug, Default)]
pub(super) struct FailureGroups {
    groups: BTreeMap<(String, String), FailureGroup>,
    ungrouped: u64,
}

impl FailureGroups {
    /// Takes a task of an agent that has no whole result.
    pub(super) fn add(
        &mut self,
        agent: &str,
        task: &str,
        failure: &Arc<Failure>,
        (attempts, record): (u32, &TaskRecord),
    ) {
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
            reason,
            not_before: None,
            tasks: Vec::new(),
        });
        // That one of them ended the session is told before what the first came to.
        if reason == Some(GiveUp::FailsSession) {
            (group.sample, group.attempts, group.reason) = (failure.clone(), attempts, reason);
        }
        group.not_before = group.not_before.max(record.not_before);
        group.count += 1;
        if group.tasks.len() < NAMED {
            group.tasks.push(task.to_owned());
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &FailureGroup> {
        self.groups.values()
    }

    /// Tasks that are in no group, because there are too many codes.
    pub(super) const fn ungrouped(&self) -> u64 {
        self.ungrouped
    }
}
