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
//! is not its own (no room for its sandbox, an upstream that is not to be asked)
//! and until a time at most, and then *over*, which is the end: nothing brings a
//! task back from there.
//!
//! A task that waits or is held is nothing but its record. A running one is
//! its worker's [`Ticket`], which can be used up only once: so each task ends
//! once, and none that is over runs.
//!
//! A task that is *left* is held for longer than its session lasts: nobody waits for
//! it. Once nothing else is to be done, the session is *done* although such tasks, and
//! those that are blocked by them, are not over.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::held::{HeldBy, HeldTask, HeldTasks};
use super::ready::{Gate, ReadyTasks};
use super::turns::{Begun, Left, Pause, Paused, Started, Ticket};
use crate::session::graph::{Dependency, Graph, task_dependencies};
use fusebox_types::TaskIndex;

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

impl State {
    /// Whether something is still to come of it without anybody's help.
    const fn is_active(self) -> bool {
        match self {
            Self::Ready | Self::Running | Self::Paused(Pause::Waiting | Pause::Held(..)) => true,
            Self::Blocked(_) | Self::Paused(Pause::Left) | Self::Over => false,
        }
    }
}

/// What is kept of a task that does not run.
#[derive(Debug)]
struct Kept<P> {
    record: P,
    agent: u16,
    /// When it was paused.
    since: Duration,
    /// For how long it was held.
    held: Duration,
}

/// The tasks of a session, with results of kind `R` and records of kind `P`.
/// Times are on the clock of the breakers.
#[derive(Debug)]
pub(in crate::session) struct Machine<R, P> {
    graph: Arc<Graph>,
    states: Vec<State>,
    ready: ReadyTasks,
    /// What tasks left when they were paused.
    kept: HashMap<TaskIndex, Kept<P>>,
    /// When the pauses end, the soonest first.
    ends: BTreeSet<(Duration, TaskIndex)>,
    /// The same by task; also for tasks that are still blocked.
    end_of: HashMap<TaskIndex, Duration>,
    /// Tasks that wait for nothing of their own any more, or all of them.
    recalled: HashSet<TaskIndex>,
    is_all_recalled: bool,
    held: HeldTasks,
    /// Results that dependants still need, with how many of those there are.
    results: HashMap<TaskIndex, (R, u32)>,
    not_over: usize,
    /// How many tasks something is still to come of without anybody's help.
    active: usize,
    /// How many of them run.
    running: usize,
    /// How many of them wait for their next attempt.
    waiting: usize,
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
        gate: &impl Gate,
    ) -> Self {
        let all = 0..graph.len() as TaskIndex;
        let mut machine = Self {
            states: vec![State::Over; graph.len()],
            ready: ReadyTasks::default(),
            kept: HashMap::new(),
            ends: BTreeSet::new(),
            end_of: HashMap::new(),
            recalled: HashSet::new(),
            is_all_recalled: false,
            held: HeldTasks::default(),
            results: HashMap::new(),
            not_over: 0,
            active: 0,
            running: 0,
            waiting: 0,
            graph,
        };
        for (task, begun) in begun.into_iter().filter(|(task, _)| !over(*task)) {
            let agent = machine.agent_of(task);
            machine.keep(task, agent, begun.record, Duration::ZERO);
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
                machine.unblock(task, gate);
            }
        }
        machine
    }

    /// Starts the task that is next, if one is ready that may start.
    pub(in crate::session) fn start(&mut self, gate: &impl Gate) -> Option<Started<R, P>> {
        let turn = self.ready.take(gate)?;
        let task = turn.task;
        self.set(task, State::Running);
        let kept = self.kept.remove(&task);
        Some(Started {
            ticket: Ticket {
                task,
                agent: turn.agent,
            },
            results: self.results_for(task),
            held: turn.held + kept.as_ref().map_or(Duration::ZERO, |kept| kept.held),
            record: kept.map(|kept| kept.record),
            probes: turn.probes,
        })
    }

    /// Pauses a task that was started at this moment, and makes it ready at once if it
    /// was recalled.
    pub(in crate::session) fn pause(
        &mut self,
        ticket: Ticket,
        paused: Paused<P>,
        now: Duration,
        gate: &impl Gate,
    ) {
        let task = ticket.task;
        let Paused {
            why,
            agent,
            until,
            record,
        } = paused;
        self.ready.stopped(ticket.agent);
        self.keep(task, agent, record, now);
        if self.is_recalled(task) {
            return self.is_ready_again(task, gate);
        }
        self.end_of.insert(task, until);
        self.ends.insert((until, task));
        if let Pause::Held(by, stake) = why {
            self.held.add(by, HeldTask { task, agent, stake });
        }
        self.set(task, State::Paused(why));
    }

    /// Something that holds tasks holds one of them no longer, of the agents that may:
    /// which.
    pub(in crate::session) fn release_one(
        &mut self,
        by: HeldBy,
        may: impl Fn(u16) -> bool,
        now: Duration,
        gate: &impl Gate,
    ) -> Option<TaskIndex> {
        let task = self.held.first(by, may)?;
        self.end_pause(task, now, gate);
        Some(task)
    }

    /// A task that is ready starts whatever it meets.
    pub(in crate::session) fn let_go(&mut self, task: TaskIndex) {
        let agent = self.agent_at(task).unwrap_or_else(|| self.agent_of(task));
        self.ready.let_go(task, agent);
    }

    /// Says what a task that was started came to, which may make others ready.
    pub(in crate::session) fn settle(&mut self, ticket: Ticket, result: R, gate: &impl Gate) {
        let task = ticket.task;
        self.ready.stopped(ticket.agent);
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
                    self.unblock(*dependant, gate);
                }
            }
        }
        if wanted > 0 {
            self.results.insert(task, (result, wanted));
        }
    }

    /// Makes those ready whose pauses end by now.
    pub(in crate::session) fn wake(&mut self, now: Duration, gate: &impl Gate) {
        while let Some((_, task)) = self.ends.first().copied().filter(|(end, _)| *end <= now) {
            self.end_pause(task, now, gate);
        }
    }

    /// When the next pause ends.
    pub(in crate::session) fn next_end(&self) -> Option<Duration> {
        self.ends.first().map(|(end, _)| *end)
    }

    /// Ends the pause of a task before its time; it is never paused again,
    /// whatever it is doing now.
    pub(in crate::session) fn recall(&mut self, task: TaskIndex, now: Duration, gate: &impl Gate) {
        if self.state(task) != State::Over {
            self.recalled.insert(task);
            self.end_pause(task, now, gate);
            self.let_go(task);
        }
    }

    fn is_recalled(&self, task: TaskIndex) -> bool {
        self.is_all_recalled || self.recalled.contains(&task)
    }

    fn end_pause(&mut self, task: TaskIndex, now: Duration, gate: &impl Gate) {
        let State::Paused(why) = self.state(task) else {
            return;
        };
        if let Some(end) = self.end_of.remove(&task) {
            self.ends.remove(&(end, task));
        }
        if let (Pause::Held(by, stake), Some(kept)) = (why, self.kept.get_mut(&task)) {
            kept.held = now.saturating_sub(kept.since);
            let agent = kept.agent;
            self.held.remove(by, HeldTask { task, agent, stake });
        }
        self.is_ready_again(task, gate);
    }

    /// Recalls all tasks.
    pub(in crate::session) fn recall_all(&mut self, now: Duration, gate: &impl Gate) {
        self.is_all_recalled = true;
        self.ready.let_all_go();
        while let Some((_, task)) = self.ends.first().copied() {
            self.end_pause(task, now, gate);
        }
    }

    /// Whether a task is ready, whether or not it may start.
    pub(in crate::session) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whether tasks are ready and none of them may start.
    pub(in crate::session) fn is_gated(&self, gate: &impl Gate) -> bool {
        self.has_ready() && !self.ready.has_turn(gate)
    }

    /// Whether nothing is to be done any more: all tasks are over, or left.
    pub(in crate::session) fn is_done(&self) -> bool {
        self.active == 0
    }

    /// Whether nothing runs and nothing is about to: all that is left is held.
    pub(in crate::session) fn is_held(&self, gate: &impl Gate) -> bool {
        self.running == 0 && self.waiting == 0 && !self.ready.has_turn(gate)
    }

    /// Leaves all tasks that are not over.
    pub(in crate::session) fn leave_all(&mut self) -> Vec<Left<P>> {
        let open: Vec<_> = (0..).zip(&self.states).collect();
        let open = open.into_iter().filter(|(_, state)| **state != State::Over);
        let open: Vec<TaskIndex> = open.map(|(task, _)| task).collect();
        let mut left = Vec::with_capacity(open.len());
        for task in open {
            let is_blocked = matches!(self.state(task), State::Blocked(_));
            self.set(task, State::Over);
            let record = self.kept.remove(&task).map(|kept| kept.record);
            left.push(Left {
                task,
                is_blocked,
                record,
            });
        }
        (self.not_over, self.ready, self.held) = (0, ReadyTasks::default(), HeldTasks::default());
        self.results.clear();
        self.ends.clear();
        self.end_of.clear();
        self.recalled.clear();
        left
    }

    /// How many tasks of an agent are ready.
    pub(in crate::session) fn ready_of(&self, agent: u16) -> usize {
        self.ready.ready_of(agent)
    }

    /// For how long the ready task of an agent has been held that was held longest.
    pub(in crate::session) fn longest_held(&self, agent: u16, gate: &impl Gate) -> Option<Duration> {
        self.ready.longest_held(agent, gate)
    }

    /// How many tasks something holds, those that are ready left out.
    pub(in crate::session) fn held_by(&self, by: HeldBy) -> usize {
        self.held.count(by)
    }

    /// The agents of those tasks.
    pub(in crate::session) fn agents_held(&self, by: HeldBy) -> BTreeSet<u16> {
        self.held.agents(by)
    }

    /// The agent that is to go on with a task that has begun and does not run.
    pub(in crate::session) fn agent_at(&self, task: TaskIndex) -> Option<u16> {
        self.kept.get(&task).map(|kept| kept.agent)
    }

    /// Whether an upstream holds tasks that have begun.
    pub(in crate::session) fn has_held(&self) -> bool {
        let mut holders = self.holders().into_iter();
        holders.any(|by| matches!(by, HeldBy::Upstream(_)))
    }

    /// What holds tasks.
    pub(in crate::session) fn holders(&self) -> Vec<HeldBy> {
        self.held.holders()
    }

    /// Whether nothing of any task is left.
    #[cfg(test)]
    pub(super) fn holds_nothing(&self) -> bool {
        let pauses = self.ends.is_empty() && self.end_of.is_empty() && self.held.is_empty();
        let counts = (self.not_over, self.active, self.running, self.waiting) == (0, 0, 0, 0);
        let kept = self.kept.is_empty() && self.results.is_empty();
        self.ready.holds_nothing() && pauses && counts && self.recalled.is_empty() && kept
    }

    /// Nothing that it depends on is missing any more.
    fn unblock(&mut self, task: TaskIndex, gate: &impl Gate) {
        let end = self.end_of.get(&task).copied();
        if let Some(end) = end.filter(|_| !self.is_recalled(task)) {
            self.ends.insert((end, task));
            self.set(task, State::Paused(Pause::Waiting));
        } else {
            self.end_of.remove(&task);
            let agent = self.agent_of(task);
            self.set(task, State::Ready);
            match self.is_recalled(task) {
                true => self.ready.add_let_go(task, agent, gate),
                false => self.ready.add(task, agent, gate),
            }
        }
    }

    fn is_ready_again(&mut self, task: TaskIndex, gate: &impl Gate) {
        self.set(task, State::Ready);
        let kept = self.kept.get(&task).map(|kept| kept.agent);
        let agent = kept.unwrap_or_else(|| self.agent_of(task));
        match self.is_recalled(task) {
            true => self.ready.add_let_go(task, agent, gate),
            false => self.ready.add_again(task, agent, gate),
        }
    }

    fn keep(&mut self, task: TaskIndex, agent: u16, record: P, since: Duration) {
        let kept = Kept {
            record,
            agent,
            since,
            held: Duration::ZERO,
        };
        self.kept.insert(task, kept);
    }

    /// The agent of a task that nobody has handed over.
    fn agent_of(&self, task: TaskIndex) -> u16 {
        self.graph.task(task).map_or(0, |task| task.agent)
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
        let Some(slot) = self.states.get_mut(task as usize) else {
            return;
        };
        let before = std::mem::replace(slot, state);
        let counts = [
            (&mut self.active, State::is_active as fn(State) -> bool),
            (&mut self.running, |state| state == State::Running),
            (&mut self.waiting, |state| state == State::Paused(Pause::Waiting)),
        ];
        for (count, is_counted) in counts {
            *count -= usize::from(is_counted(before));
            *count += usize::from(is_counted(state));
        }
    }
}
