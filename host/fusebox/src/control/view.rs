//! The status of a session and of a task, as it is handed out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::session::GiveUp;
use fusebox_events::{Hold, Phase, QuarantineView};
use fusebox_types::failure::{Failure, Severity};
use fusebox_types::{Counts, SessionStatus, TaskStatus};

/// Longest message of a failure here, in characters; the report has all of it.
const MESSAGE_CHARS: usize = 500;

/// A session as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionView {
    /// Its id.
    pub session: String,
    /// Now, by the clock that all times here are by.
    pub now: Timestamp,
    /// When it began; none if it has not.
    pub started: Option<Timestamp>,
    /// For how long its processes have run, in milliseconds.
    pub ran_ms: f64,
    /// What it came to, once it is over.
    pub status: Option<SessionStatus>,
    /// Whether it was told to stop.
    pub cancelling: bool,
    /// How many tasks are over and came to what, and how many there are.
    pub counts: Counts,
    /// How many have not begun and are not held.
    pub pending: u64,
    /// How many have an attempt under way.
    pub running: u64,
    /// How many wait for their next attempt.
    pub waiting: u64,
    /// How many are held back by breakers, those that have not begun included.
    #[serde(default)]
    pub held: u64,
    /// The breakers that hold them.
    #[serde(default)]
    pub holds: Vec<HoldView>,
    /// Why tasks are over, with how many.
    pub reasons: Vec<ReasonCount>,
    /// The instances that are out of their pools, or needed there.
    pub quarantined: Vec<QuarantineView>,
    /// The first tasks that are under way, in order, each with its last attempt.
    pub tasks: Vec<TaskView>,
    /// How many more are under way.
    pub more: u64,
}

/// A breaker that holds tasks back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldView {
    /// The breaker, such as `upstream:llm`.
    pub by: String,
    /// How many it holds.
    pub tasks: u64,
    /// Since when.
    pub since: Timestamp,
    /// When the next of them may try; none if a person has to act.
    pub until: Option<Timestamp>,
    /// For how long it has held tasks in this session, all in all, in milliseconds.
    pub total_ms: f64,
}

impl HoldView {
    /// What is held now.
    pub(super) fn of(hold: &Hold, now: Timestamp) -> Self {
        Self {
            by: hold.by.to_string(),
            tasks: hold.tasks,
            since: hold.since,
            until: hold.until,
            total_ms: hold.total(now).as_secs_f64() * 1e3,
        }
    }
}

/// Why so many tasks are over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonCount {
    /// Why.
    pub reason: Ending,
    /// How many.
    pub count: u64,
}

/// A task as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskView {
    /// Its id. Possibly hostile: print it through `printable`.
    pub task: String,
    /// The agent that carries it out.
    pub agent: String,
    /// Now, by the clock that all times here are by.
    pub now: Timestamp,
    /// What it is doing.
    #[serde(flatten)]
    pub state: State,
    /// Whether it was told to stop and has not yet.
    pub cancelling: bool,
    /// The attempts that are over, the last ones if there are many.
    pub attempts: Vec<Attempt>,
    /// How many attempts there were before those.
    pub earlier_attempts: u64,
}

/// What a task is doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// It has not begun.
    Pending,
    /// An attempt is under way.
    Running {
        /// The attempt's number, from 1.
        attempt: u32,
        /// How many may be made, as far as is known now.
        of: u32,
        /// When it began.
        since: Timestamp,
        /// How far the plugin says that it is, from 0 to 1.
        fraction: Option<f32>,
        /// What it says that it is doing; harmless to print.
        message: Option<String>,
    },
    /// Its last attempt failed, and another will be made.
    Waiting {
        /// The number of the attempt to come, from 2.
        attempt: u32,
        /// How many may be made after this failure.
        of: u32,
        /// When it begins.
        until: Timestamp,
    },
    /// It had begun, and is held back by a breaker.
    Held {
        /// The number of the attempt to come.
        attempt: u32,
        /// How many may be made.
        of: u32,
        /// The breaker, such as `upstream:llm`.
        by: String,
        /// When it is asked next whether it may go on; none if a person has to act.
        until: Option<Timestamp>,
    },
    /// An attempt is over, and what follows is being decided.
    Deciding {
        /// The number of the attempt that is over.
        attempt: u32,
        /// How many may be made, as far as is known now.
        of: u32,
    },
    /// Nothing more will happen to it.
    Over {
        /// What it came to; none if that was too long ago to be remembered: the
        /// report has it.
        status: Option<TaskStatus>,
        /// Why it is over.
        reason: Option<Ending>,
        /// Before when whoever failed asked not to be tried again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<Timestamp>,
        /// Why there is no whole result.
        failure: Option<FailureView>,
    },
}

/// Why a task is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Its whole result is there.
    Succeeded,
    /// Nothing more is tried.
    #[serde(untagged)]
    GaveUp(GiveUp),
}

/// An attempt that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// The id of the instance.
    pub instance: String,
    /// When it began.
    pub started: Timestamp,
    /// How long the host waited before it, in milliseconds.
    pub delay_before_ms: f64,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// What went wrong; none if it succeeded.
    pub failure: Option<FailureView>,
}

/// A failure, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureView {
    /// Its code; `fusebox explain` says what it means.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What happened; may hold a guest's words: print it through `printable`.
    pub message: String,
    /// The least wait that it asked for, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl State {
    /// Whether nothing more will happen.
    pub fn is_over(&self) -> bool {
        matches!(self, State::Over { .. })
    }
}

impl From<&Phase> for State {
    fn from(phase: &Phase) -> Self {
        match *phase {
            Phase::Running {
                attempt,
                of,
                since,
                ref said,
            } => Self::Running {
                attempt,
                of,
                since,
                fraction: said.as_ref().map(|said| said.fraction),
                message: said.as_ref().map(|said| said.message.clone()),
            },
            Phase::Deciding { attempt, of } => Self::Deciding { attempt, of },
            Phase::Waiting { attempt, of, until } => Self::Waiting { attempt, of, until },
            Phase::Held {
                attempt,
                of,
                ref by,
                until,
            } => Self::Held {
                attempt,
                of,
                by: by.to_string(),
                until,
            },
        }
    }
}

impl From<&Failure> for FailureView {
    fn from(failure: &Failure) -> Self {
        Self {
            code: failure.code.to_string(),
            severity: failure.severity,
            message: failure.message.chars().take(MESSAGE_CHARS).collect(),
            retry_after_ms: failure.retry_after_ms,
        }
    }
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ending::Succeeded => f.write_str("succeeded"),
            Ending::GaveUp(reason) => reason.serialize(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of the design, both ways.
    #[test]
    fn endings_have_the_names_of_the_report() {
        for (ending, name) in [
            (Ending::Succeeded, "succeeded"),
            (Ending::GaveUp(GiveUp::NonRetryable), "non-retryable"),
            (Ending::GaveUp(GiveUp::Attempts), "attempts"),
            (Ending::GaveUp(GiveUp::Budget), "budget"),
            (Ending::GaveUp(GiveUp::Elapsed), "elapsed"),
            (Ending::GaveUp(GiveUp::Deadline), "deadline"),
            (Ending::GaveUp(GiveUp::NotBefore), "not-before"),
            (Ending::GaveUp(GiveUp::Cancelled), "cancelled"),
            (Ending::GaveUp(GiveUp::Held), "held"),
        ] {
            let json = serde_json::to_value(ending).unwrap();
            assert_eq!((json.as_str(), ending.to_string().as_str()), (Some(name), name));
            assert_eq!(serde_json::from_value::<Ending>(json).unwrap(), ending);
        }
    }
}
