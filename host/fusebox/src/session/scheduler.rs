//! Which task is next, for workers that wait for one: the machine under a lock,
//! and whoever has to hear of its changes.

mod held;
mod holds;
mod look;
mod machine;
#[cfg(test)]
mod properties;
mod ready;
#[cfg(test)]
mod tests;
mod turns;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

pub(super) use self::held::{HeldBy, Stake};
use self::holds::{GateNow, Holds};
pub(super) use self::look::Surroundings;
use self::machine::Machine;
pub(super) use self::ready::Pick;
use self::turns::Started;
pub(super) use self::turns::{Begun, Left, Pause, Paused, Ticket};
use super::gatekeeper::Gatekeeper;
use super::graph::Graph;
use super::job::Progress;
use fusebox_runtime::sandbox::bindings::Completeness;
use fusebox_types::{Output, TaskIndex};

/// What a settled task hands to its dependants.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    pub(super) completeness: Completeness,
    pub(super) output: Option<Arc<Output>>,
}

impl Settled {
    pub(super) const MISSING: Settled = Settled {
        completeness: Completeness::Missing,
        output: None,
    };
}

/// A task that a worker is to run, with the results of what it depends on.
pub(super) struct Ready {
    pub(super) ticket: Ticket,
    /// One for each dependency on a task, in order.
    pub(super) results: Vec<Settled>,
    /// How far it had come; none if it begins.
    pub(super) progress: Option<Box<Progress>>,
    /// For how long it was held back since then.
    pub(super) held: Duration,
}

/// What a worker is to do.
pub(super) enum Next {
    /// This task.
    Task(Ready),
    /// Nothing more: it is one too many now.
    Leave,
    /// Nothing more is to be done for any task.
    Over,
}

/// Hands out tasks to workers.
pub(super) struct Scheduler {
    state: Mutex<State>,
    keeper: Arc<Gatekeeper>,
    /// Tasks have become ready, or workers are to look up.
    changed: Notify,
    /// The clock has to look again: another pause ends first, or what is held may
    /// have changed.
    sooner: Notify,
    /// Whether the session ends as soon as all that is left is held.
    no_wait: bool,
}

/// What is under the lock.
struct State {
    machine: Machine<Settled, Box<Progress>>,
    holds: Holds,
    /// Whether all that is left is held, and nobody is to wait for it.
    is_left: bool,
}

impl Scheduler {
    /// Hands out the tasks of a graph. `over` says which are settled already,
    /// and `result` what those hand to their dependants; it is asked only where
    /// one is still to run. `begun` are tasks that go on.
    pub(super) fn new(
        graph: Arc<Graph>,
        keeper: Arc<Gatekeeper>,
        over: impl Fn(TaskIndex) -> bool,
        result: impl FnMut(TaskIndex) -> Settled,
        begun: impl IntoIterator<Item = (TaskIndex, Begun<Box<Progress>>)>,
    ) -> Self {
        let holds = Holds::default();
        let gate = GateNow {
            keeper: &keeper,
            holds: &holds,
            now: keeper.now(),
        };
        let machine = Machine::new(graph, over, result, begun, &gate);
        Self {
            state: Mutex::new(State {
                machine,
                holds,
                is_left: false,
            }),
            keeper,
            changed: Notify::new(),
            sooner: Notify::new(),
            no_wait: false,
        }
    }

    /// The same, which waits for nothing that is held.
    pub(super) fn without_waiting(self, no_wait: bool) -> Self {
        Self { no_wait, ..self }
    }

    /// The next task, for a worker that says whether it is still wanted. Waits
    /// until one is ready.
    pub(super) async fn next(&self, wanted: impl Fn() -> bool) -> Next {
        loop {
            let changed = self.changed.notified();
            if let Some(next) = self.now(&wanted) {
                return next;
            }
            changed.await;
        }
    }

    /// What a worker is to do, unless it is to wait.
    ///
    /// One call wakes one worker; each that finds more, or leaves what it was
    /// woken for, wakes the next, so that none sleeps while there is work.
    fn now(&self, wanted: impl Fn() -> bool) -> Option<Next> {
        let now = self.keeper.now();
        let mut state = self.lock();
        if state.is_over() {
            return Some(Next::Over);
        }
        if !wanted() {
            self.wake_one(&state);
            return Some(Next::Leave);
        }
        let started = state.with(&self.keeper, now, |machine, gate| machine.start(gate))?;
        self.keeper.begins(started.ticket.agent(), started.ticket.task());
        if let Some(upstream) = started.probes {
            state.holds.probes(upstream, started.ticket.task());
        }
        self.wake_one(&state);
        Some(Next::Task(started.into()))
    }

    /// Has every worker that waits look up, because it may be wanted no more.
    pub(super) fn rouse(&self) {
        self.changed.notify_waiters();
    }

    /// The time in so long, on the clock of the breakers.
    pub(super) fn after(&self, wait: Duration) -> Duration {
        self.keeper.now().saturating_add(wait)
    }

    /// Puts a task aside. Its worker takes another one.
    pub(super) fn pause(&self, ticket: Ticket, paused: Paused<Box<Progress>>) {
        let (task, now) = (ticket.task(), self.keeper.now());
        let frees_a_sandbox = !matches!(paused.why, Pause::Held(HeldBy::Sandboxes, _));
        self.change(Some(task), |machine, gate| {
            machine.pause(ticket, paused, now, gate);
            if frees_a_sandbox {
                machine.release_one(HeldBy::Sandboxes, |_| true, now, gate);
            }
        });
    }

    /// Says what a task came to, which may make others ready.
    pub(super) fn settle(&self, ticket: Ticket, settled: Settled) {
        let (task, now) = (ticket.task(), self.keeper.now());
        self.change(Some(task), |machine, gate| {
            machine.settle(ticket, settled, gate);
            machine.release_one(HeldBy::Sandboxes, |_| true, now, gate);
        });
    }

    /// Ends the session for all tasks that are not over. They are held, or wait for
    /// one that is.
    pub(super) fn leave_all(&self) -> Vec<Left<Box<Progress>>> {
        self.lock().machine.leave_all()
    }

    /// Changes something, and wakes whoever has to do with it. `stopped` is the task
    /// that is not under way any more, if one is not.
    fn change(
        &self,
        stopped: Option<TaskIndex>,
        change: impl FnOnce(&mut Machine<Settled, Box<Progress>>, &GateNow<'_>),
    ) {
        let now = self.keeper.now();
        let mut state = self.lock();
        let end_before = state.machine.next_end();
        state.with(&self.keeper, now, change);
        stopped.into_iter().for_each(|task| state.holds.stopped(task));
        let end = state.machine.next_end();
        let ends_sooner = end.is_some_and(|end| end_before.is_none_or(|before| end < before));
        let is_held = state.with(&self.keeper, now, |machine, gate| machine.is_gated(gate));
        // What holds it may have changed before it was put aside.
        let is_held = is_held || state.machine.has_held() || state.holds.any();
        if ends_sooner || is_held || self.no_wait {
            self.sooner.notify_one();
        }
        if state.is_over() {
            self.changed.notify_waiters();
        } else {
            self.wake_one(&state);
        }
    }

    fn wake_one(&self, state: &State) {
        if state.machine.has_ready() {
            self.changed.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_over(&self) -> bool {
        self.is_left || self.machine.is_done()
    }

    /// Does something with the tasks, and with what they meet at this moment.
    fn with<T>(
        &mut self,
        keeper: &Gatekeeper,
        now: Duration,
        with: impl FnOnce(&mut Machine<Settled, Box<Progress>>, &GateNow<'_>) -> T,
    ) -> T {
        let Self { machine, holds, .. } = self;
        with(machine, &GateNow { keeper, holds, now })
    }
}

impl From<Started<Settled, Box<Progress>>> for Ready {
    fn from(started: Started<Settled, Box<Progress>>) -> Self {
        let results = started.results.into_iter();
        Self {
            ticket: started.ticket,
            results: results.map(|result| result.unwrap_or(Settled::MISSING)).collect(),
            progress: started.record,
            held: started.held,
        }
    }
}
