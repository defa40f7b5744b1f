//! The tasks that are held back by something that is not their own, and which of them
//! is let go first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use fusebox_types::TaskIndex;

/// What holds a task that could run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::session) enum HeldBy {
    /// No room for another sandbox.
    Sandboxes,
    /// An upstream that is not to be asked, by its number in the session.
    Upstream(u16),
}

/// How much it would cost if the task that is let go first failed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::session) enum Stake {
    /// Nothing: it can be run as often as it takes.
    Nothing,
    /// The task: it is not idempotent.
    TheTask,
}

/// Tasks that are held, by what holds them.
#[derive(Debug, Default)]
pub(super) struct HeldTasks {
    by: BTreeMap<HeldBy, Queue>,
}

/// Tasks that the same thing holds. Agents take turns.
#[derive(Debug, Default)]
struct Queue {
    tasks: BTreeSet<(Stake, u16, TaskIndex)>,
    /// The agents, the one whose turn it is first.
    turns: VecDeque<u16>,
}

/// A task that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HeldTask {
    pub(super) task: TaskIndex,
    pub(super) agent: u16,
    pub(super) stake: Stake,
}

impl HeldTasks {
    pub(super) fn add(&mut self, by: HeldBy, held: HeldTask) {
        let queue = self.by.entry(by).or_default();
        queue.tasks.insert((held.stake, held.agent, held.task));
        if !queue.turns.contains(&held.agent) {
            queue.turns.push_back(held.agent);
        }
    }

    /// A task is not held any more, whoever let it go.
    pub(super) fn remove(&mut self, by: HeldBy, held: HeldTask) {
        if let Some(queue) = self.by.get_mut(&by) {
            queue.tasks.remove(&(held.stake, held.agent, held.task));
            if queue.tasks.is_empty() {
                self.by.remove(&by);
            }
        }
    }

    /// The task that is let go first, of the agents that may: of those that lose the
    /// least the first of the agent whose turn it is.
    pub(super) fn first(&mut self, by: HeldBy, may: impl Fn(u16) -> bool) -> Option<TaskIndex> {
        let queue = self.by.get_mut(&by)?;
        for stake in [Stake::Nothing, Stake::TheTask] {
            for at in 0..queue.turns.len() {
                let agent = *queue.turns.get(at)?;
                let of_agent = (stake, agent, 0)..=(stake, agent, TaskIndex::MAX);
                let first = queue.tasks.range(of_agent).next().map(|(.., task)| *task);
                if let Some(task) = first.filter(|_| may(agent)) {
                    queue.turns.remove(at);
                    queue.turns.push_back(agent);
                    return Some(task);
                }
            }
        }
        None
    }

    /// How many there are.
    pub(super) fn count(&self, by: HeldBy) -> usize {
        self.by.get(&by).map_or(0, |queue| queue.tasks.len())
    }

    /// The agents of those that are held.
    pub(super) fn agents(&self, by: HeldBy) -> BTreeSet<u16> {
        let tasks = self.by.get(&by).into_iter().flat_map(|queue| &queue.tasks);
        tasks.map(|(_, agent, _)| *agent).collect()
    }

    /// What holds any.
    pub(super) fn holders(&self) -> Vec<HeldBy> {
        self.by.keys().copied().collect()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.by.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY: HeldBy = HeldBy::Upstream(0);

    fn held(agent: u16, task: TaskIndex, stake: Stake) -> HeldTask {
        HeldTask { task, agent, stake }
    }

    fn let_go(tasks: &mut HeldTasks, all: &[HeldTask]) -> Vec<TaskIndex> {
        let mut order = Vec::new();
        while let Some(task) = tasks.first(BY, |_| true) {
            let one = all.iter().find(|one| one.task == task).unwrap();
            tasks.remove(BY, *one);
            order.push(task);
        }
        order
    }

    #[test]
    fn agents_take_turns_and_what_cannot_be_run_twice_comes_last() {
        use Stake::{Nothing, TheTask};
        let all = [
            held(0, 1, Nothing),
            held(0, 2, Nothing),
            held(0, 3, Nothing),
            held(1, 4, TheTask),
            held(2, 5, Nothing),
        ];
        let mut tasks = HeldTasks::default();
        all.iter().for_each(|one| tasks.add(BY, *one));
        assert_eq!(tasks.count(BY), 5);
        assert_eq!(let_go(&mut tasks, &all), [1, 5, 2, 3, 4]);
        assert!(tasks.is_empty());
    }

    #[test]
    fn only_agents_that_may_are_let_go() {
        let mut tasks = HeldTasks::default();
        tasks.add(BY, held(0, 1, Stake::Nothing));
        tasks.add(BY, held(1, 2, Stake::Nothing));
        assert_eq!(tasks.first(BY, |agent| agent == 1), Some(2));
        assert_eq!(tasks.first(BY, |_| false), None);
        assert_eq!(tasks.first(HeldBy::Sandboxes, |_| true), None);
    }
}
