//! Where each task of a session is, as a pure machine: no clock, no lock, no
//! I/O.
//!
//! ```text
//! blocked -> ready -> running -> over
//!              ^         |
//!              |         v
//!              +-- waiting, held
//! ```
//!
//! A task is *blocked* until all that it depends on is over, *ready* until a
//! worker starts it, *running* until the worker says what came of it, *waiting*
//! until a time of its own (before its next attempt), *held* by something that
//! is not its own (no room for its sandbox) and until a time at most, and then
//! *over*, which is the end: nothing brings a task back from there.
//!
//! A task that waits or is held is nothing but its record. A running one is
//! its worker's [`Ticket`], which can be used up only once: so each task ends
//! once, and none that is over runs.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::session::graph::{Dependency, Graph, task_dependencies};
use fusebox_types::TaskIndex;

/// What holds a task that could run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::session) enum HeldBy {
    /// No room for another sandbox.
    Sandboxes,
}

/// Why a task is not run now though nothing that it depends on is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) enum Pause {
    /// It waits for its next attempt.
    Waiting,
    /// Something holds it.
    Held(HeldBy),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// So many dependencies are not over yet; one that is named twice counts
    /// twice.
    Blocked(u32),
    Ready,
    Running,
    Paused(Pause),
    Over,
}

/// The right to say what came of a task that was started. There is one for each
/// start, and each is used up by what it says.
#[derive(Debug)]
#[must_use = "the task stays running until this says what came of it"]
pub(in crate::session) struct Ticket(TaskIndex);

impl Ticket {
    /// The task that was started.
    pub(in crate::session) fn task(&self) -> TaskIndex {
        self.0
    }
}

/// A task that a worker has started.
#[derive(Debug)]
pub(in crate::session) struct Started<R, P> {
    pub(in crate::session) ticket: Ticket,
    /// What each task that it depends on came to, in the order of the task's
    /// dependencies; none where nothing is known.
    pub(in crate::session) results: Vec<Option<R>>,
    /// What it left when it was paused; none at its first start.
    pub(in crate::session) record: Option<P>,
}

/// A task that was begun before this session went on with it.
#[derive(Debug)]
pub(in crate::session) struct Begun<P> {
    /// What it left.
    pub(in crate::session) record: P,
    /// When it may go on.
    pub(in crate::session) not_before: Duration,
}

/// The tasks of a session, with results of kind `R` and records of kind `P`.
/// Times are since the session's start.
#[derive(Debug)]
pub(in crate::session) struct Machine<R, P> {
    graph: Arc<Graph>,
    states: Vec<State>,
    /// Ready for the first time, in the order in which they became so.
    new: VecDeque<TaskIndex>,
    /// Ready again. They come before the new ones: others may wait for them, and
    /// there are never more of them than were started.
    again: VecDeque<TaskIndex>,
    /// What tasks left when they were paused.
    records: HashMap<TaskIndex, P>,
    /// When the pauses end, the soonest first.
    ends: BTreeSet<(Duration, TaskIndex)>,
    /// The same by task; also for tasks that are still blocked.
    end_of: HashMap<TaskIndex, Duration>,
    /// Tasks that wait for nothing of their own any more, or all of them.
    recalled: HashSet<TaskIndex>,
    is_all_recalled: bool,
    /// The tasks that are held, by what holds them.
    held: BTreeSet<(HeldBy, TaskIndex)>,
    /// Results that dependants still need, with how many of those there are.
    results: HashMap<TaskIndex, (R, u32)>,
    not_over: usize,
}

impl<R: Clone, P> Machine<R, P> {
    /// The tasks of a graph of which some are over. `over` says which, `result`
    /// what those came to (it is asked only where a task that is not over
    /// depends on one), and `begun` are those that had been started before.
    pub(in crate::session) fn new(
        graph: Arc<Graph>,
        over: impl Fn(TaskIndex) -> bool,
        mut result: impl FnMut(TaskIndex) -> R,
        begun: impl IntoIterator<Item = (TaskIndex, Begun<P>)>,
    ) -> Self {
        let all = 0..graph.len() as TaskIndex;
        let mut machine = Self {
            states: vec![State::Over; graph.len()],
            new: VecDeque::new(),
            again: VecDeque::new(),
            records: HashMap::new(),
            ends: BTreeSet::new(),
            end_of: HashMap::new(),
            recalled: HashSet::new(),
            is_all_recalled: false,
            held: BTreeSet::new(),
            results: HashMap::new(),
            not_over: 0,
            graph,
        };
        for (task, begun) in begun.into_iter().filter(|(task, _)| !over(*task)) {
            machine.records.insert(task, begun.record);
            machine.end_of.insert(task, begun.not_before);
        }
        for task in all.clone().filter(|task| over(*task)) {
            let open = machine.graph.dependants(task).iter().filter(|task| !over(**task));
            let wanted = open.count() as u32;
            if wanted > 0 {
                machine.results.insert(task, (result(task), wanted));
            }
        }
        for task in all.filter(|task| !over(*task)) {
            machine.not_over += 1;
            let graph = machine.graph.clone();
            let on = graph.task(task).into_iter().flat_map(task_dependencies);
            let left = on.filter(|on| !over(*on)).count() as u32;
            machine.set(task, State::Blocked(left));
            if left == 0 {
                machine.unblock(task);
            }
        }
        machine
    }

    /// Starts the task that is next, if one is ready.
    pub(in crate::session) fn start(&mut self) -> Option<Started<R, P>> {
        let task = self.again.pop_front().or_else(|| self.new.pop_front())?;
        self.set(task, State::Running);
        Some(Started {
            ticket: Ticket(task),
            results: self.results_for(task),
            record: self.records.remove(&task),
        })
    }

    /// Pauses a task that was started. It is ready again at `until` at the
    /// latest, and at once if it was recalled.
    pub(in crate::session) fn pause(&mut self, ticket: Ticket, why: Pause, until: Duration, record: P) {
        let Ticket(task) = ticket;
        self.records.insert(task, record);
        if self.is_recalled(task) {
            self.set(task, State::Ready);
            self.again.push_back(task);
            return;
        }
        self.end_of.insert(task, until);
        self.ends.insert((until, task));
        if let Pause::Held(by) = why {
            self.held.insert((by, task));
        }
        self.set(task, State::Paused(why));
    }

    /// Something that holds tasks can be had once more: one of them is ready.
    pub(in crate::session) fn release_one(&mut self, by: HeldBy) {
        let first = self.held.range((by, 0)..=(by, TaskIndex::MAX)).next();
        if let Some((_, task)) = first.copied() {
            self.end_pause(task);
        }
    }

    /// Says what a task that was started came to, which may make others ready.
    pub(in crate::session) fn settle(&mut self, ticket: Ticket, result: R) {
        let Ticket(task) = ticket;
        self.set(task, State::Over);
        self.not_over -= 1;
        self.recalled.remove(&task);
        self.let_go_of_results(task);
        let graph = self.graph.clone();
        let mut wanted = 0;
        for dependant in graph.dependants(task) {
            if let State::Blocked(left) = self.state(*dependant) {
                wanted += 1;
                let left = left.saturating_sub(1);
                self.set(*dependant, State::Blocked(left));
                if left == 0 {
                    self.unblock(*dependant);
                }
            }
        }
        if wanted > 0 {
            self.results.insert(task, (result, wanted));
        }
    }

    /// Makes those ready whose pauses end by now.
    pub(in crate::session) fn wake(&mut self, now: Duration) {
        while let Some((_, task)) = self.ends.first().copied().filter(|(end, _)| *end <= now) {
            self.end_pause(task);
        }
    }

    /// When the next pause ends.
    pub(in crate::session) fn next_end(&self) -> Option<Duration> {
        self.ends.first().map(|(end, _)| *end)
    }

    /// Ends the pause of a task before its time; it is never paused again,
    /// whatever it is doing now.
    pub(in crate::session) fn recall(&mut self, task: TaskIndex) {
        if self.state(task) != State::Over {
            self.recalled.insert(task);
            self.end_pause(task);
        }
    }

    fn is_recalled(&self, task: TaskIndex) -> bool {
        self.is_all_recalled || self.recalled.contains(&task)
    }

    fn end_pause(&mut self, task: TaskIndex) {
        if let State::Paused(why) = self.state(task) {
            if let Some(end) = self.end_of.remove(&task) {
                self.ends.remove(&(end, task));
            }
            if let Pause::Held(by) = why {
                self.held.remove(&(by, task));
            }
            self.set(task, State::Ready);
            self.again.push_back(task);
        }
    }

    /// Recalls all tasks.
    pub(in crate::session) fn recall_all(&mut self) {
        self.is_all_recalled = true;
        self.wake(Duration::MAX);
    }

    /// Whether a task is ready.
    pub(in crate::session) fn has_ready(&self) -> bool {
        !self.again.is_empty() || !self.new.is_empty()
    }

    /// Whether all tasks are over.
    pub(in crate::session) fn is_over(&self) -> bool {
        self.not_over == 0
    }

    /// Whether nothing of any task is left.
    #[cfg(test)]
    pub(super) fn holds_nothing(&self) -> bool {
        let queues = self.new.is_empty() && self.again.is_empty();
        let pauses = self.ends.is_empty() && self.end_of.is_empty() && self.held.is_empty();
        queues && pauses && self.recalled.is_empty() && self.records.is_empty() && self.results.is_empty()
    }

    /// Nothing that it depends on is missing any more.
    fn unblock(&mut self, task: TaskIndex) {
        let end = self.end_of.get(&task).copied();
        if let Some(end) = end.filter(|_| !self.is_recalled(task)) {
            self.ends.insert((end, task));
            self.set(task, State::Paused(Pause::Waiting));
        } else {
            self.end_of.remove(&task);
            self.set(task, State::Ready);
            self.new.push_back(task);
        }
    }

    /// What a task depends on, as it came to be.
    fn results_for(&self, task: TaskIndex) -> Vec<Option<R>> {
        let after = self.graph.task(task).map_or(&[][..], |task| &task.after);
        let result = |dependency: &Dependency| match dependency {
            Dependency::Task { task, .. } => Some(self.results.get(task).map(|(result, _)| result.clone())),
            Dependency::Text { .. } => None,
        };
        after.iter().filter_map(result).collect()
    }

    /// A task that is over needs no results; gone are those that it was the last
    /// to need.
    fn let_go_of_results(&mut self, task: TaskIndex) {
        let graph = self.graph.clone();
        for on in graph.task(task).into_iter().flat_map(task_dependencies) {
            if let Some((_, wanted)) = self.results.get_mut(&on) {
                *wanted -= 1;
                if *wanted == 0 {
                    self.results.remove(&on);
                }
            }
        }
    }

    fn state(&self, task: TaskIndex) -> State {
        self.states.get(task as usize).copied().unwrap_or(State::Over)
    }

    fn set(&mut self, task: TaskIndex, state: State) {
        if let Some(slot) = self.states.get_mut(task as usize) {
            *slot = state;
        }
    }
}
