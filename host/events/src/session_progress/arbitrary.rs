//! Any events that a session may tell, for the property tests.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "only tests use it"
)]

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{AttemptRecord, Event, TaskRecord};
use fusebox_resilience::breaker::{Cause, Counts, State, Transition};
use fusebox_resilience::isolation::{Kind, Reason, Release};
use fusebox_types::failure::{Code, Failure};
use fusebox_types::{InstanceId, Lines, SessionStatus, TaskIndex, TaskStatus, Usage};

/// How many tasks the session has.
pub const TASKS: usize = 5;
/// The breaker that holds tasks.
const HOLDS: &str = "upstream:llm";

/// What a session of [`TASKS`] tasks tells: perhaps what happened before it was
/// resumed, its beginning, what it does, and perhaps its end.
pub fn events() -> impl Strategy<Value = Vec<Event>> {
    let before = vec(before(), 0..4);
    (before, vec(step(), 0..60), any::<bool>()).prop_map(|(before, steps, ends)| {
        let mut session = Session::default();
        before.iter().for_each(|before| session.replay(before));
        session.begin();
        steps.iter().for_each(|step| session.apply(step));
        if ends {
            session.end();
        }
        session.said
    })
}

/// What had happened to a task before the session was resumed.
#[derive(Debug, Clone)]
struct Before {
    task: usize,
    attempts: u32,
    ended: Option<TaskStatus>,
}

#[derive(Debug, Clone)]
enum Step {
    Task {
        task: usize,
        choice: Choice,
    },
    Progress {
        task: usize,
    },
    /// So many more tasks are held that have not begun, or fewer.
    HoldBack {
        unbegun: usize,
    },
    Breaker(State),
    Instance(&'static str, Kind),
}

/// Which of the ways a task takes from where it is.
#[derive(Debug, Clone, Copy)]
enum Choice {
    Usual {
        failed: bool,
    },
    /// No room for the attempt, or another agent takes over at once.
    Again,
    /// A breaker holds it back before its next attempt.
    Held,
    Over(TaskStatus),
}

fn before() -> impl Strategy<Value = Before> {
    (0..TASKS, 0..4_u32, proptest::option::of(status())).prop_map(|(task, attempts, ended)| Before {
        task,
        attempts,
        ended,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let choice = prop_oneof![
        6 => any::<bool>().prop_map(|failed| Choice::Usual { failed }),
        1 => Just(Choice::Again),
        2 => Just(Choice::Held),
        1 => status().prop_map(Choice::Over),
    ];
    let states = vec![State::Open, State::HalfOpen, State::Closed];
    prop_oneof![
        8 => (0..TASKS, choice).prop_map(|(task, choice)| Step::Task { task, choice }),
        1 => (0..TASKS).prop_map(|task| Step::Progress { task }),
        1 => (0..=TASKS).prop_map(|unbegun| Step::HoldBack { unbegun }),
        1 => select(states).prop_map(Step::Breaker),
        1 => (select(vec!["one", "two"]), any::<bool>()).prop_map(|(id, out)| Step::Instance(id, change(out))),
    ]
}

fn status() -> impl Strategy<Value = TaskStatus> {
    use TaskStatus as S;
    select(vec![
        S::Succeeded,
        S::Degraded,
        S::Failed,
        S::Skipped,
        S::Cancelled,
        S::Held,
    ])
}

fn change(out: bool) -> Kind {
    match out {
        true => Kind::Held {
            reason: Reason::Strikes,
            quarantined: 1,
            allowed: 1,
        },
        false => Kind::Released {
            why: Release::Probe,
            lasted: Duration::ZERO,
            times: 0,
        },
    }
}

/// Where a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum At {
    #[default]
    Rest,
    Attempt,
    Decision {
        failed: bool,
    },
    Held,
    End,
}

/// A session that tells what it does.
#[derive(Debug, Default)]
struct Session {
    tasks: [(At, u32); TASKS],
    /// How many tasks are to be held that have not begun.
    unbegun: usize,
    /// How many are held, as was told last.
    held: u64,
    said: Vec<Event>,
}

impl Session {
    fn replay(&mut self, before: &Before) {
        if self.tasks[before.task] != (At::Rest, 0) {
            return;
        }
        for _ in 0..before.attempts {
            self.tasks[before.task].1 += 1;
            self.attempt_ended(before.task, true);
        }
        self.tasks[before.task].0 = At::Rest;
        if let Some(status) = before.ended {
            self.over(before.task, status);
        }
    }

    fn begin(&mut self) {
        let (at, ran) = (self.now(), Duration::from_secs(3));
        self.said.push(Event::SessionStarted { at, seed: 7, ran });
    }

    fn end(&mut self) {
        for task in 0..TASKS {
            if self.tasks[task].0 != At::End {
                self.over(task, TaskStatus::Cancelled);
            }
        }
        self.tell_held();
        self.said.push(Event::SessionEnded {
            at: self.now(),
            ran: Duration::from_secs(5),
            status: SessionStatus::Cancelled,
        });
    }

    /// How many are held, if that has changed.
    fn tell_held(&mut self) {
        let count = |is: fn(&(At, u32)) -> bool| self.tasks.iter().filter(|task| is(task)).count();
        let begun = count(|(at, _)| *at == At::Held);
        let unbegun = count(|task| *task == (At::Rest, 0));
        let tasks = (begun + self.unbegun.min(unbegun)) as u64;
        if std::mem::replace(&mut self.held, tasks) != tasks {
            self.said.push(Event::Hold {
                by: HOLDS.into(),
                at: self.now(),
                until: Some(self.now()),
                tasks,
            });
        }
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Task { task, choice } => self.step(*task, *choice),
            Step::Progress { task } => self.said.push(Event::Progress {
                task: *task as TaskIndex,
                fraction: 0.5,
                message: "half".into(),
            }),
            Step::Breaker(to) => {
                let event = self.breaker(*to);
                self.said.push(event);
            }
            Step::Instance(id, change) => self.said.push(Event::Instance {
                agent: "agent".into(),
                instance: InstanceId::new(id),
                at: self.now(),
                until: None,
                change: change.clone(),
            }),
            Step::HoldBack { unbegun } => self.unbegun = *unbegun,
        }
        self.tell_held();
    }

    fn step(&mut self, task: usize, choice: Choice) {
        match (self.tasks[task].0, choice) {
            (At::End, _) => {}
            (_, Choice::Over(status)) => self.over(task, status),
            // One that waits for its next attempt is held when that is due, and one
            // that is held may be held for longer.
            (At::Rest, Choice::Held) if self.tasks[task].1 > 0 => self.hold(task),
            (At::Held | At::Decision { failed: true }, Choice::Held) => self.hold(task),
            (At::Rest | At::Held, _) => {
                self.tasks[task].1 += 1;
                self.attempt_started(task);
            }
            (At::Attempt, Choice::Again) => self.attempt_started(task),
            (At::Attempt, Choice::Usual { failed }) => self.attempt_ended(task, failed),
            (At::Attempt, Choice::Held) => self.attempt_ended(task, true),
            (At::Decision { failed: false }, _) => self.over(task, TaskStatus::Succeeded),
            (At::Decision { failed: true }, Choice::Again) => {
                self.tasks[task].1 += 1;
                self.attempt_started(task);
            }
            (At::Decision { failed: true }, Choice::Usual { .. }) => self.wait(task),
        }
    }

    fn attempt_started(&mut self, task: usize) {
        self.tasks[task].0 = At::Attempt;
        self.said.push(Event::AttemptStarted {
            task: task as TaskIndex,
            number: self.tasks[task].1,
            maximum: 9,
            at: self.now(),
        });
    }

    fn attempt_ended(&mut self, task: usize, failed: bool) {
        self.tasks[task].0 = At::Decision { failed };
        let attempt = AttemptRecord {
            number: self.tasks[task].1,
            agent: None,
            instance: InstanceId::new("one"),
            started: self.now(),
            delay_before: Duration::ZERO,
            usage: Usage::default(),
            failure: failed.then(failure),
            is_free: false,
        };
        self.said.push(Event::AttemptEnded {
            task: task as TaskIndex,
            attempt,
            lines: Lines::default(),
        });
    }

    fn wait(&mut self, task: usize) {
        self.tasks[task].0 = At::Rest;
        self.said.push(Event::RetryScheduled {
            task: task as TaskIndex,
            number: self.tasks[task].1 + 1,
            maximum: 9,
            at: self.now(),
        });
    }

    fn hold(&mut self, task: usize) {
        self.tasks[task].0 = At::Held;
        self.said.push(Event::TaskHeld {
            task: task as TaskIndex,
            by: HOLDS.into(),
            until: Some(self.now()),
            number: self.tasks[task].1 + 1,
            maximum: 9,
        });
    }

    fn over(&mut self, task: usize, status: TaskStatus) {
        self.tasks[task].0 = At::End;
        let record = TaskRecord {
            status,
            instance: None,
            output: None,
            fallback: None,
            partial: None,
            failure: (status != TaskStatus::Succeeded).then(failure),
            reason: None,
            not_before: None,
        };
        let task = task as TaskIndex;
        self.said.push(Event::TaskEnded { task, record });
    }

    fn breaker(&self, to: State) -> Event {
        Event::Breaker {
            key: "agent:agent".into(),
            at: self.now(),
            until: None,
            transition: Transition {
                from: State::Closed,
                to,
                cause: Cause::ConsecutiveFailures,
                at: Duration::ZERO,
                until: None,
                counts: Counts::default(),
            },
            reason: None,
        }
    }

    /// A second for each event.
    fn now(&self) -> Timestamp {
        Timestamp::new(1_000_000 + self.said.len() as i64, 0).unwrap()
    }
}

fn failure() -> Arc<Failure> {
    Arc::new(Failure::new(Code::TrapPanic, "no"))
}
