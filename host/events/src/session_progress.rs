//! How far a session is, folded from its events: the one place where they are
//! counted.
//!
//! ```text
//! event -> session: when it began, for how long it ran, what it came to
//!       -> holds: which breakers hold tasks back, how many, until when
//!       -> tasks: what each is doing, how many attempts it had, how many came to what
//!       -> breakers, quarantines: what was not as it should be all the time
//! ```
//!
//! The report, the status and the progress bar each hold one and ask it, so that
//! they cannot disagree. It has no clock and does no input or output. What had
//! happened before a session was resumed may be told before its beginning.

mod breakers;
mod holds;
mod quarantines;
mod tasks;

#[cfg(any(test, feature = "arbitrary"))]
pub mod arbitrary;
#[cfg(test)]
mod tests;

pub use holds::Hold;
pub use tasks::{OpenTask, Phase, Said};

use std::time::Duration;

use jiff::Timestamp;

use self::breakers::Breakers;
use self::holds::Holds;
use self::quarantines::Quarantines;
use self::tasks::Tasks;
use super::{BreakerView, Event, QuarantineView};
use fusebox_types::{Counts, SessionStatus, TaskIndex};

/// How far a session is.
#[derive(Debug, Default)]
pub struct SessionProgress {
    start: Option<SessionStart>,
    ran: Duration,
    end: Option<SessionEnd>,
    tasks: Tasks,
    holds: Holds,
    breakers: Breakers,
    quarantines: Quarantines,
}

/// How a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionStart {
    /// When.
    pub at: Timestamp,
    /// What its chance follows from.
    pub seed: u64,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionEnd {
    /// When.
    pub at: Timestamp,
    /// What it came to.
    pub status: SessionStatus,
}

impl SessionProgress {
    /// Of a session of so many tasks. Nothing has happened yet.
    pub fn new(tasks: usize) -> Self {
        Self {
            tasks: Tasks::new(tasks),
            ..Self::default()
        }
    }

    /// Takes note of an event.
    pub fn read(&mut self, event: &Event) {
        match event {
            Event::SessionStarted { at, seed, ran } => {
                self.start = Some(SessionStart { at: *at, seed: *seed });
                self.ran = *ran;
            }
            Event::SessionEnded { at, ran, status } => {
                self.end = Some(SessionEnd {
                    at: *at,
                    status: *status,
                });
                self.ran = *ran;
            }
            Event::AttemptStarted { .. }
            | Event::Progress { .. }
            | Event::AttemptEnded { .. }
            | Event::RetryScheduled { .. }
            | Event::TaskHeld { .. }
            | Event::TaskEnded { .. } => self.tasks.read(event),
            Event::Hold { .. } => self.holds.read(event),
            Event::Breaker { .. } => self.breakers.read(event),
            Event::Instance { .. } => self.quarantines.read(event),
            Event::Instances(_)
            | Event::HandedIn { .. }
            | Event::QuotaWarning { .. }
            | Event::PolicyStrike { .. }
            | Event::Standing { .. }
            | Event::Reload { .. } => {}
        }
    }

    /// How it began; none if it has not.
    pub fn start(&self) -> Option<SessionStart> {
        self.start
    }

    /// For how long its processes had run when it began or ended here.
    pub fn ran(&self) -> Duration {
        self.ran
    }

    /// How it ended; none if it has not.
    pub fn end(&self) -> Option<SessionEnd> {
        self.end
    }

    /// How many tasks are over and came to what, and how many there are.
    pub fn counts(&self) -> Counts {
        self.tasks.counts()
    }

    /// How many tasks have an attempt under way.
    pub fn running(&self) -> u64 {
        self.tasks.running()
    }

    /// How many tasks have an attempt behind them, of which is decided now what
    /// follows.
    pub fn deciding(&self) -> u64 {
        self.tasks.deciding()
    }

    /// How many tasks wait for their next attempt.
    pub fn waiting(&self) -> u64 {
        self.tasks.waiting()
    }

    /// How many tasks are held back by breakers, those that have not begun included.
    pub fn held(&self) -> u64 {
        self.tasks.held() + self.held_unbegun()
    }

    /// How many tasks have not begun and are not held.
    pub fn pending(&self) -> u64 {
        self.tasks.pending() - self.held_unbegun()
    }

    /// How many tasks are held that have not begun: never more than there are,
    /// whichever of the two was told first.
    fn held_unbegun(&self) -> u64 {
        let unbegun = self.holds.tasks().saturating_sub(self.tasks.held());
        unbegun.min(self.tasks.pending())
    }

    /// Breakers that hold tasks back or did, by their keys.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.all()
    }

    /// The tasks that have begun and are not over, in order.
    pub fn open_tasks(&self) -> Vec<TaskIndex> {
        self.tasks.open()
    }

    /// A task, if it has begun and is not over.
    pub fn open_task(&self, task: TaskIndex) -> Option<&OpenTask> {
        self.tasks.get(task)
    }

    /// Breakers that have opened, by their keys, as they are now.
    pub fn breakers(&self) -> impl Iterator<Item = &BreakerView> {
        self.breakers.all()
    }

    /// The last quarantine of each instance that had one.
    pub fn quarantines(&self) -> impl Iterator<Item = &QuarantineView> {
        self.quarantines.all()
    }

    /// Takes what was told of breakers and instances elsewhere.
    pub fn told_of(&mut self, breakers: Vec<BreakerView>, quarantines: Vec<QuarantineView>) {
        breakers.into_iter().for_each(|view| self.breakers.put(view));
        quarantines
            .into_iter()
            .for_each(|view| self.quarantines.put(view));
    }
}
