//! What each task of a session is doing now: folded from the session's events.
//!
//! Memory is bounded by the tasks that are under way: those that are over are
//! counted, with one bit each, and only the last thousand are remembered.

mod past;
mod show;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use self::past::Past;
use super::view::{Ending, ReasonCount, State};
use crate::pools::Quarantines;
use crate::report::{PatternEntry, Patterns};
use crate::session::Graph;
use fusebox_events::{AttemptRecord, Event, TaskRecord};
use fusebox_system::wall_clock;
use fusebox_types::failure::Failure;
use fusebox_types::{Counts, SessionStatus, TaskIndex, TaskStatus};

/// How many tasks that are over are remembered.
const REMEMBERED: usize = 1000;

/// What each task of a session is doing now.
#[derive(Debug)]
pub(crate) struct Status {
    graph: Arc<Graph>,
    started: Option<Timestamp>,
    /// For how long it ran, before this process or in all.
    ran: Duration,
    /// Since when it runs in this process.
    running: Option<Instant>,
    ended: Option<SessionStatus>,
    open: HashMap<TaskIndex, Open>,
    /// A bit for each task: whether it is over.
    over: Vec<u64>,
    last: VecDeque<Over>,
    counts: Counts,
    reasons: Vec<ReasonCount>,
    quarantines: Quarantines,
    patterns: Patterns,
}

/// A task under way.
#[derive(Debug)]
struct Open {
    state: State,
    past: Past,
}

/// A task that is over.
#[derive(Debug)]
struct Over {
    task: TaskIndex,
    status: TaskStatus,
    reason: Option<Ending>,
    failure: Option<Arc<Failure>>,
    past: Past,
}

impl Status {
    /// Nothing has happened yet.
    pub(crate) fn new(graph: Arc<Graph>) -> Self {
        let counts = Counts {
            total: graph.len() as u64,
            ..Counts::default()
        };
        Self {
            over: vec![0; graph.len().div_ceil(64)],
            graph,
            started: None,
            ran: Duration::ZERO,
            running: None,
            ended: None,
            open: HashMap::new(),
            last: VecDeque::new(),
            counts,
            reasons: Vec::new(),
            quarantines: Quarantines::default(),
            patterns: Patterns::new(),
        }
    }

    /// Takes note of events that came together. Most tasks end at once: their
    /// events follow each other, and they are never under way for anybody to see.
    pub(crate) fn read_all(&mut self, mut events: &[Event]) {
        loop {
            events = match events {
                [] => return,
                [
                    Event::AttemptStarted { task, number: 1, .. },
                    ended @ Event::AttemptEnded {
                        task: same, attempt, ..
                    },
                    Event::TaskEnded { task: again, record },
                    rest @ ..,
                ] if task == same && same == again => {
                    self.patterns.read(ended, &self.graph);
                    let mut past = Past::default();
                    past.add(attempt);
                    self.over(*task, record, past);
                    rest
                }
                [event, rest @ ..] => {
                    self.read(event);
                    rest
                }
            }
        }
    }

    /// Patterns among the failures so far.
    pub(crate) fn patterns(&self) -> Vec<PatternEntry> {
        self.patterns.found(wall_clock::now())
    }

    /// Takes note of an event.
    pub(crate) fn read(&mut self, event: &Event) {
        self.patterns.read(event, &self.graph);
        match event {
            Event::SessionStarted { at, ran, .. } => {
                (self.started, self.ran) = (Some(*at), *ran);
                self.running = Some(Instant::now());
            }
            Event::Progress {
                task,
                fraction,
                message,
            } => self.progress(*task, *fraction, message),
            Event::AttemptEnded { task, attempt, .. } => self.attempt_ended(*task, attempt),
            Event::TaskEnded { task, record } => self.task_ended(*task, record),
            Event::SessionEnded { status, ran, .. } => {
                (self.ended, self.ran, self.running) = (Some(*status), *ran, None);
            }
            Event::AttemptStarted { task, .. } | Event::RetryScheduled { task, .. } => {
                if let Some(state) = state_after(event) {
                    self.open.entry(*task).or_insert_with(Open::new).state = state;
                }
            }
            Event::Instance { .. } => self.quarantines.read(event),
            Event::Circuit { .. }
            | Event::Instances(_)
            | Event::QuotaWarning { .. }
            | Event::PolicyStrike { .. }
            | Event::Reload { .. } => {}
        }
    }

    fn progress(&mut self, task: TaskIndex, said: f32, doing: &str) {
        // Sent past the others, so it may come before its attempt's beginning.
        if let Some(open) = self.open.get_mut(&task)
            && let State::Running {
                fraction, message, ..
            } = &mut open.state
        {
            *fraction = Some(said);
            *message = Some(doing.to_owned());
        }
    }

    fn attempt_ended(&mut self, task: TaskIndex, attempt: &AttemptRecord) {
        let open = self.open.entry(task).or_insert_with(Open::new);
        let of = match open.state {
            State::Running { of, .. } => of,
            _ => attempt.number,
        };
        open.state = State::Deciding {
            attempt: attempt.number,
            of,
        };
        open.past.add(attempt);
    }

    fn task_ended(&mut self, task: TaskIndex, record: &TaskRecord) {
        let past = self.open.remove(&task).map(|open| open.past).unwrap_or_default();
        self.over(task, record, past);
    }

    fn over(&mut self, task: TaskIndex, record: &TaskRecord, past: Past) {
        self.counts.add(record.status, past.count());
        if let Some(bits) = self.over.get_mut(task as usize / 64) {
            *bits |= 1 << (task % 64);
        }
        let reason = ending(record);
        self.count(reason);
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back(Over {
            task,
            status: record.status,
            reason,
            failure: record.failure.clone(),
            past,
        });
    }

    fn count(&mut self, reason: Option<Ending>) {
        let Some(reason) = reason else { return };
        match self.reasons.iter_mut().find(|known| known.reason == reason) {
            Some(known) => known.count += 1,
            None => self.reasons.push(ReasonCount { reason, count: 1 }),
        }
    }
}

impl Open {
    fn new() -> Self {
        Self {
            state: State::Pending,
            past: Past::default(),
        }
    }
}

/// What a task is doing once an attempt has begun or is to begin.
fn state_after(event: &Event) -> Option<State> {
    match *event {
        Event::AttemptStarted {
            number, maximum, at, ..
        } => Some(State::Running {
            attempt: number,
            of: maximum,
            since: at,
            fraction: None,
            message: None,
        }),
        Event::RetryScheduled {
            number, maximum, at, ..
        } => Some(State::Waiting {
            attempt: number,
            of: maximum,
            until: at,
        }),
        _ => None,
    }
}

fn ending(record: &TaskRecord) -> Option<Ending> {
    match (record.reason, record.status) {
        (Some(reason), _) => Some(Ending::GaveUp(reason)),
        (None, TaskStatus::Succeeded) => Some(Ending::Succeeded),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests;
