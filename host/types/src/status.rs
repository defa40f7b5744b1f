//! What tasks and sessions come to.

use serde::{Deserialize, Serialize};

/// What a task came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TaskStatus {
    /// It has its whole result.
    Succeeded,
    /// It failed, but part of its result is there, or a fallback.
    Degraded,
    /// It failed and nothing is there.
    Failed,
    /// It was not run, because a task that it depends on has no result.
    Skipped,
    /// It was cancelled.
    Cancelled,
    /// It was held back until its session ended, because an upstream was not to
    /// be asked: nothing is wrong with it, and a resume takes it up.
    Held,
}

impl TaskStatus {
    /// Whether there is something to use: a whole result, a part of one, or what
    /// stands in for it.
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Succeeded | Self::Degraded)
    }

    /// Whether it was cut short: a resume goes on with it, whatever else it is told.
    pub const fn is_unfinished(self) -> bool {
        matches!(self, Self::Cancelled | Self::Held)
    }
}

/// What a session came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SessionStatus {
    /// Every task has its whole result.
    Succeeded,
    /// Something usable is there and something is missing.
    Degraded,
    /// Nothing usable is there, or a required task has nothing.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// All that is missing is held back: a resume takes it up.
    Held,
}

/// How many tasks came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// All tasks.
    pub total: u64,
    /// Those with their whole result.
    pub succeeded: u64,
    /// Those of them that took more than one attempt.
    pub retried: u64,
    /// Those with part of it, or a fallback.
    pub degraded: u64,
    /// Those that failed with nothing.
    pub failed: u64,
    /// Those that were not run.
    pub skipped: u64,
    /// Those that were cancelled.
    pub cancelled: u64,
    /// Those that were held back until the session ended.
    #[serde(default)]
    pub held: u64,
}

impl Counts {
    /// Of so many tasks, of which none is over.
    pub fn of(total: u64) -> Self {
        Self {
            total,
            ..Self::default()
        }
    }

    /// How many are over.
    pub fn over(&self) -> u64 {
        self.succeeded + self.degraded + self.failed + self.skipped + self.cancelled + self.held
    }

    /// How many have something to use: a whole result, a part of one, or what
    /// stands in for it.
    pub fn usable(&self) -> u64 {
        self.succeeded + self.degraded
    }

    /// Counts one more task that is over.
    pub fn add(&mut self, status: TaskStatus, attempts: u32) {
        match status {
            TaskStatus::Succeeded => {
                self.succeeded += 1;
                self.retried += u64::from(attempts > 1);
            }
            TaskStatus::Degraded => self.degraded += 1,
            TaskStatus::Failed => self.failed += 1,
            TaskStatus::Skipped => self.skipped += 1,
            TaskStatus::Cancelled => self.cancelled += 1,
            TaskStatus::Held => self.held += 1,
        }
    }

    /// What the session comes to. A required task is missing if it is over and has
    /// nothing; one that is held may still have it.
    pub fn session_status(&self, required_missing: bool, cancelled: bool) -> SessionStatus {
        if cancelled {
            SessionStatus::Cancelled
        } else if self.succeeded == self.total {
            SessionStatus::Succeeded
        } else if required_missing {
            SessionStatus::Failed
        } else if self.held > 0 && self.usable() + self.held == self.total {
            SessionStatus::Held
        } else if self.usable() == 0 {
            SessionStatus::Failed
        } else {
            SessionStatus::Degraded
        }
    }
}

impl std::fmt::Display for TaskStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

impl std::fmt::Display for SessionStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_what_its_tasks_are() {
        let mut counts = Counts::of(2);
        assert_eq!(counts.session_status(false, false), SessionStatus::Failed);
        counts.add(TaskStatus::Succeeded, 2);
        assert_eq!(counts.retried, 1);
        assert_eq!(counts.session_status(false, false), SessionStatus::Degraded);
        assert_eq!(counts.session_status(true, false), SessionStatus::Failed);
        assert_eq!(counts.session_status(false, true), SessionStatus::Cancelled);
        counts.add(TaskStatus::Succeeded, 1);
        assert_eq!(counts.session_status(false, false), SessionStatus::Succeeded);
    }

    fn came_to(all: &[TaskStatus]) -> Counts {
        let mut counts = Counts::of(all.len() as u64);
        all.iter().for_each(|status| counts.add(*status, 1));
        assert_eq!(counts.over(), counts.total);
        counts
    }

    #[test]
    fn a_session_is_held_if_nothing_is_missing_but_what_is_held() {
        use TaskStatus::{Cancelled, Degraded, Failed, Held, Skipped, Succeeded};
        let without = |all: &[TaskStatus]| came_to(all).session_status(false, false);
        assert_eq!(without(&[Held, Held]), SessionStatus::Held);
        assert_eq!(without(&[Succeeded, Degraded, Held]), SessionStatus::Held);
        for lost in [Failed, Skipped, Cancelled] {
            assert_eq!(
                without(&[Succeeded, lost, Held]),
                SessionStatus::Degraded,
                "{lost}"
            );
            assert_eq!(without(&[lost, Held]), SessionStatus::Failed, "{lost}");
        }
    }

    #[test]
    fn what_is_held_hides_neither_a_loss_nor_a_cancellation() {
        let held = came_to(&[TaskStatus::Degraded, TaskStatus::Held]);
        assert_eq!(held.session_status(true, false), SessionStatus::Failed);
        assert_eq!(held.session_status(false, true), SessionStatus::Cancelled);
    }

    #[test]
    fn what_was_cut_short_is_unfinished() {
        use TaskStatus::{Cancelled, Degraded, Failed, Held, Skipped, Succeeded};
        assert!([Cancelled, Held].iter().all(|status| status.is_unfinished()));
        let over = [Succeeded, Degraded, Failed, Skipped];
        assert!(!over.iter().any(|status| status.is_unfinished()));
    }
}
