//! What the tasks of a session are doing, and what they came to.
//!
//! Memory is bounded by the tasks that have begun and are not over.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::Event;
use fusebox_types::{Counts, TaskIndex};

/// The tasks of a session.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    counts: Counts,
    open: HashMap<TaskIndex, OpenTask>,
    running: u64,
    waiting: u64,
    held: u64,
}

/// A task that has begun and is not over.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenTask {
    /// How many attempts are over: the number of the last one.
    pub attempts: u32,
    /// What it is doing.
    pub phase: Phase,
}

/// What a task is doing that has begun and is not over.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// An attempt is under way.
    Running {
        /// Its number, from 1.
        attempt: u32,
        /// How many may be made, as far as is known now.
        of: u32,
        /// When it began.
        since: Timestamp,
        /// How far its guest says that it is, if it says so.
        said: Option<Box<Said>>,
    },
    /// An attempt is over, and what follows is being decided.
    Deciding {
        /// The number of the attempt that is over.
        attempt: u32,
        /// How many may be made, as far as is known now.
        of: u32,
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
        by: Arc<str>,
        /// When it is asked next whether it may go on; none if a person has to act.
        until: Option<Timestamp>,
    },
}

/// How far a guest says that it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// From 0 to 1.
    pub fraction: f32,
    /// What is being done; harmless to print.
    pub message: String,
}

impl Tasks {
    pub(super) fn new(total: usize) -> Self {
        Self {
            counts: Counts::of(total as u64),
            ..Self::default()
        }
    }

    /// Takes note of an event, if it is about a task.
    pub(super) fn read(&mut self, event: &Event) {
        match event {
            Event::AttemptStarted {
                task,
                number,
                maximum,
                at,
            } => self.enter(
                *task,
                Phase::Running {
                    attempt: *number,
                    of: *maximum,
                    since: *at,
                    said: None,
                },
            ),
            Event::Progress {
                task,
                fraction,
                message,
            } => self.said(*task, *fraction, message),
            Event::AttemptEnded { task, attempt, .. } => self.attempt_ended(*task, attempt.number),
            Event::RetryScheduled {
                task,
                number,
                maximum,
                at,
            } => self.enter(
                *task,
                Phase::Waiting {
                    attempt: *number,
                    of: *maximum,
                    until: *at,
                },
            ),
            Event::TaskHeld {
                task,
                by,
                until,
                number,
                maximum,
            } => self.enter(
                *task,
                Phase::Held {
                    attempt: *number,
                    of: *maximum,
                    by: by.clone(),
                    until: *until,
                },
            ),
            Event::TaskEnded { task, record } => {
                let open = self.leave(*task);
                self.counts
                    .add(record.status, open.map_or(0, |open| open.attempts));
            }
            _ => {}
        }
    }

    fn said(&mut self, task: TaskIndex, fraction: f32, message: &str) {
        // Sent past the others, so it may come before its attempt's beginning.
        if let Some(open) = self.open.get_mut(&task)
            && let Phase::Running { said, .. } = &mut open.phase
        {
            let message = message.to_owned();
            *said = Some(Box::new(Said { fraction, message }));
        }
    }

    fn attempt_ended(&mut self, task: TaskIndex, attempt: u32) {
        let of = match self.open.get(&task).map(|open| &open.phase) {
            Some(Phase::Running { of, .. }) => *of,
            _ => attempt,
        };
        self.enter(task, Phase::Deciding { attempt, of });
        if let Some(open) = self.open.get_mut(&task) {
            open.attempts = attempt;
        }
    }

    /// A task does something else from now on.
    fn enter(&mut self, task: TaskIndex, phase: Phase) {
        let attempts = self.leave(task).map_or(0, |open| open.attempts);
        if let Some(count) = self.count(&phase) {
            *count += 1;
        }
        self.open.insert(task, OpenTask { attempts, phase });
    }

    /// A task does no longer what it was doing, if it was doing anything.
    fn leave(&mut self, task: TaskIndex) -> Option<OpenTask> {
        let open = self.open.remove(&task)?;
        if let Some(count) = self.count(&open.phase) {
            *count -= 1;
        }
        Some(open)
    }

    /// How many tasks are in a phase, where that is counted.
    fn count(&mut self, phase: &Phase) -> Option<&mut u64> {
        match phase {
            Phase::Running { .. } => Some(&mut self.running),
            Phase::Waiting { .. } => Some(&mut self.waiting),
            Phase::Held { .. } => Some(&mut self.held),
            Phase::Deciding { .. } => None,
        }
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) fn running(&self) -> u64 {
        self.running
    }

    pub(super) fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Those that have begun and are held.
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    /// Those that are under way and neither running nor waiting nor held.
    pub(super) fn deciding(&self) -> u64 {
        self.open.len() as u64 - self.running - self.waiting - self.held
    }

    pub(super) fn pending(&self) -> u64 {
        let begun = self.counts.over() + self.open.len() as u64;
        self.counts.total.saturating_sub(begun)
    }

    /// Those that have begun and are not over, in order.
    pub(super) fn open(&self) -> Vec<TaskIndex> {
        let mut open: Vec<_> = self.open.keys().copied().collect();
        open.sort_unstable();
        open
    }

    pub(super) fn get(&self, task: TaskIndex) -> Option<&OpenTask> {
        self.open.get(&task)
    }
}
