//! What speaks for one cause.

use std::sync::Arc;

use fusebox_types::failure::{Code, Failure};

use super::{EndedTask, STANDING, StandingCause, Subject, TASKS, context};

/// What of a failure's context holds for every task that ends with it. The rest is
/// about one task, or a plugin's words.
const SHARED: [&str; 5] = ["upstream", "status", "upstream_code", "grant", "path"];

/// The status of what the credentials do not allow (RFC 9110, 15.5.4).
const FORBIDDEN: &str = "403";
/// How many different tasks have to end with that: one at a time from the third on, so
/// that it still costs the service next to nothing.
const FORBIDDEN_TASKS: usize = 5;

/// What speaks for one cause: the tasks that ended with it.
#[derive(Debug)]
pub(super) struct Evidence {
    first: Failure,
    ended: Vec<EndedTask>,
    standing: Option<Arc<Failure>>,
}

/// What has begun to stand, without what it is about.
pub(super) struct Begun {
    failure: Arc<Failure>,
    tasks: Vec<Arc<str>>,
}

impl Evidence {
    /// None yet. What it was seen by first gives the message of all.
    pub(super) fn of(failure: &Failure) -> Self {
        let mut first = Failure::new(failure.code.clone(), failure.message.clone());
        let is_shared = |(name, _): &&(String, String)| SHARED.contains(&name.as_str());
        first.context = failure.context.iter().filter(is_shared).cloned().collect();
        Self {
            first,
            ended: Vec::new(),
            standing: None,
        }
    }

    pub(super) fn code(&self) -> &Code {
        &self.first.code
    }

    /// Whether a failure is of the same cause.
    pub(super) fn is_of(&self, failure: &Failure) -> bool {
        self.first.code == failure.code && missing(&self.first) == missing(failure)
    }

    /// How many tasks have ended with it.
    pub(super) fn ended(&self) -> usize {
        self.ended.len()
    }

    pub(super) fn standing(&self) -> Option<&Arc<Failure>> {
        self.standing.as_ref()
    }

    /// One more task has ended with it.
    pub(super) fn add(&mut self, task: &EndedTask) {
        let is_known = self.ended.iter().any(|ended| ended.index == task.index);
        if !is_known && self.standing.is_none() {
            self.ended.push(task.clone());
        }
    }

    /// How many different tasks have to end with it. What is forbidden may be one
    /// document or one question and not the credentials, so that it takes more.
    pub(super) fn needed(&self) -> usize {
        let is_forbidden = context(&self.first, "status") == Some(FORBIDDEN);
        match is_forbidden && self.first.code == Code::ApiAuth {
            true => FORBIDDEN_TASKS,
            false => TASKS,
        }
    }

    /// Has it stand, if enough speaks for it and it does not yet.
    pub(super) fn conclude(&mut self) -> Option<Begun> {
        if self.standing.is_some() || self.ended.len() < self.needed() {
            return None;
        }
        let tasks: Vec<_> = self.ended.iter().map(|task| task.id.clone()).collect();
        let said = format!("not asked: tasks {} ended with it before", tasks.join(", "));
        let failure = Arc::new(self.first.clone().with(STANDING, said));
        self.standing = Some(failure.clone());
        Some(Begun { failure, tasks })
    }
}

impl Begun {
    pub(super) fn about(self, subject: Subject) -> StandingCause {
        StandingCause {
            subject,
            failure: self.failure,
            tasks: self.tasks,
        }
    }
}

/// What would have to be granted.
fn missing(failure: &Failure) -> &str {
    let named = context(failure, "grant").or_else(|| context(failure, "path"));
    named.unwrap_or(&failure.message)
}
