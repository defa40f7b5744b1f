//! The tasks that are ready, by the agent that is to run them.
//!
//! Agents take turns: next is a task of the agent of which the fewest run, and of
//! several such agents the one whose turn is longest ago. So one agent with many
//! tasks delays its neighbours by one task's time at most. Whether an agent's tasks
//! may start at all is asked of a [`Gate`]; a task that is let go past it starts first.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use fusebox_types::TaskIndex;

/// What decides whether the tasks of an agent may start now.
pub(in crate::session) trait Gate {
    /// What lets a task of an agent start while so many of its tasks run; none if it has
    /// to wait. `has_begun` is whether one is ready that has begun.
    fn admits(&self, agent: u16, running: usize, has_begun: bool) -> Option<Admitted>;

    /// For how long the agent's tasks have been held back until now, in all.
    fn held(&self, agent: u16) -> Duration;

    /// For how long a task may be held back. One that was starts, whatever it meets.
    fn longest_hold(&self, agent: u16) -> Duration;
}

/// That a task of an agent may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) struct Admitted {
    /// Which of them.
    pub(in crate::session) pick: Pick,
    /// The upstream of which it is to find out whether it is well again, if so.
    pub(in crate::session) probes: Option<u16>,
}

impl Admitted {
    /// The first of the agent's tasks, just so.
    pub(in crate::session) const FIRST: Self = Self {
        pick: Pick::First,
        probes: None,
    };
}

/// Which of an agent's ready tasks is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) enum Pick {
    /// The first.
    First,
    /// One from anywhere: those at the head may be alike.
    Anywhere,
}

/// The tasks that are ready.
#[derive(Debug, Default)]
pub(super) struct ReadyTasks {
    agents: BTreeMap<u16, AgentTasks>,
    /// Those that start whatever they meet: to find out, or to be told that they are
    /// cancelled.
    let_go: VecDeque<(u16, ReadyTask)>,
    /// Whether all are let go.
    are_all_let_go: bool,
    /// How many turns there were.
    turns: u64,
    ready: usize,
}

/// The tasks of one agent.
#[derive(Debug, Default)]
struct AgentTasks {
    /// Ready again. They come before the new ones: others may wait for them, and there
    /// are never more of them than were started.
    again: VecDeque<ReadyTask>,
    /// Ready for the first time, in the order in which they became so.
    new: VecDeque<ReadyTask>,
    running: usize,
    last_turn: u64,
}

/// A task that is ready.
#[derive(Debug, Clone, Copy)]
struct ReadyTask {
    task: TaskIndex,
    /// For how long its agent's tasks had been held when it became ready.
    held_before: Duration,
}

/// A task whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) task: TaskIndex,
    pub(super) agent: u16,
    /// For how long it was held back while it was ready.
    pub(super) held: Duration,
    /// The upstream of which it is to find out whether it is well again, if so.
    pub(super) probes: Option<u16>,
}

impl ReadyTasks {
    /// A task is ready for the first time.
    pub(super) fn add(&mut self, task: TaskIndex, agent: u16, gate: &impl Gate) {
        let held_before = gate.held(agent);
        if self.are_all_let_go {
            return self.add_let_go(task, agent, gate);
        }
        let tasks = self.agents.entry(agent).or_default();
        tasks.new.push_back(ReadyTask { task, held_before });
        self.ready += 1;
    }

    /// A task is ready again.
    pub(super) fn add_again(&mut self, task: TaskIndex, agent: u16, gate: &impl Gate) {
        let held_before = gate.held(agent);
        if self.are_all_let_go {
            return self.add_let_go(task, agent, gate);
        }
        let tasks = self.agents.entry(agent).or_default();
        tasks.again.push_back(ReadyTask { task, held_before });
        self.ready += 1;
    }

    /// A task is ready again, and starts whatever it meets.
    pub(super) fn add_let_go(&mut self, task: TaskIndex, agent: u16, gate: &impl Gate) {
        let held_before = gate.held(agent);
        self.let_go.push_back((agent, ReadyTask { task, held_before }));
        self.ready += 1;
    }

    /// A task that is ready starts whatever it meets.
    pub(super) fn let_go(&mut self, task: TaskIndex, agent: u16) {
        let queues = self.agents.get_mut(&agent).into_iter();
        for queue in queues.flat_map(AgentTasks::queues) {
            if let Some(at) = queue.iter().position(|ready| ready.task == task) {
                self.let_go.extend(queue.remove(at).map(|ready| (agent, ready)));
                return;
            }
        }
    }

    /// All that is ready, now and later, starts whatever it meets.
    pub(super) fn let_all_go(&mut self) {
        self.are_all_let_go = true;
        for (agent, tasks) in &mut self.agents {
            for queue in tasks.queues() {
                self.let_go.extend(queue.drain(..).map(|ready| (*agent, ready)));
            }
        }
    }

    /// The task whose turn it is. It runs from now on.
    pub(super) fn take(&mut self, gate: &impl Gate) -> Option<Turn> {
        if let Some((agent, ready)) = self.let_go.pop_front() {
            self.agents.entry(agent).or_default().running += 1;
            return Some(self.turn(agent, ready, None, gate));
        }
        let admitted = self
            .agents
            .iter()
            .filter_map(|(agent, tasks)| Some((*agent, tasks, tasks.next(*agent, gate)?)));
        let (agent, _, admitted) = admitted.min_by_key(|(_, tasks, _)| (tasks.running, tasks.last_turn))?;
        self.turns += 1;
        let tasks = self.agents.get_mut(&agent)?;
        let taken = tasks.take(admitted.pick, self.turns)?;
        Some(self.turn(agent, taken, admitted.probes, gate))
    }

    fn turn(&mut self, agent: u16, taken: ReadyTask, probes: Option<u16>, gate: &impl Gate) -> Turn {
        self.ready -= 1;
        Turn {
            task: taken.task,
            agent,
            held: gate.held(agent).saturating_sub(taken.held_before),
            probes,
        }
    }

    /// A task of an agent does not run any more.
    pub(super) fn stopped(&mut self, agent: u16) {
        if let Some(tasks) = self.agents.get_mut(&agent) {
            tasks.running = tasks.running.saturating_sub(1);
        }
    }

    /// Whether no task is ready.
    pub(super) fn is_empty(&self) -> bool {
        self.ready == 0
    }

    /// Whether a task could start now.
    pub(super) fn has_turn(&self, gate: &impl Gate) -> bool {
        let mut agents = self.agents.iter();
        !self.let_go.is_empty() || agents.any(|(agent, tasks)| tasks.next(*agent, gate).is_some())
    }

    /// How many tasks of an agent are ready and not let go.
    pub(super) fn ready_of(&self, agent: u16) -> usize {
        self.agents.get(&agent).map_or(0, AgentTasks::ready)
    }

    /// For how long the ready task of an agent has been held that was held longest.
    pub(super) fn longest_held(&self, agent: u16, gate: &impl Gate) -> Option<Duration> {
        self.agents.get(&agent)?.longest_held(agent, gate)
    }

    #[cfg(test)]
    pub(super) fn holds_nothing(&self) -> bool {
        self.ready == 0 && self.agents.values().all(|tasks| tasks.running == 0)
    }
}

impl AgentTasks {
    fn queues(&mut self) -> [&mut VecDeque<ReadyTask>; 2] {
        [&mut self.again, &mut self.new]
    }

    fn ready(&self) -> usize {
        self.again.len() + self.new.len()
    }

    /// What lets a task start now, if anything does: one that was held long enough does
    /// so to end.
    fn next(&self, agent: u16, gate: &impl Gate) -> Option<Admitted> {
        let held = self.longest_held(agent, gate)?;
        let is_overdue = || held > Duration::ZERO && held >= gate.longest_hold(agent);
        let admitted = gate.admits(agent, self.running, !self.again.is_empty());
        admitted.or_else(|| is_overdue().then_some(Admitted::FIRST))
    }

    /// For how long the one has been held that was held longest; none if none is ready.
    fn longest_held(&self, agent: u16, gate: &impl Gate) -> Option<Duration> {
        let firsts = self.again.front().into_iter().chain(self.new.front());
        let before = firsts.map(|first| first.held_before).min()?;
        Some(gate.held(agent).saturating_sub(before))
    }

    fn take(&mut self, pick: Pick, turn: u64) -> Option<ReadyTask> {
        let taken = match pick {
            Pick::First => self.again.pop_front().or_else(|| self.new.pop_front()),
            Pick::Anywhere => {
                let at = anywhere(turn, self.ready());
                match at.checked_sub(self.again.len()) {
                    None => self.again.remove(at),
                    Some(at) => self.new.remove(at),
                }
            }
        }?;
        self.running += 1;
        self.last_turn = turn;
        Some(taken)
    }
}

/// A place among so many that is another each time, and far from those before: the
/// multiples of the golden section are spread over a line as evenly as can be (Knuth,
/// The Art of Computer Programming, 6.4).
fn anywhere(turn: u64, of: usize) -> usize {
    /// 2^64 divided by the golden section.
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
    let share = u128::from(turn.wrapping_mul(STEP));
    usize::try_from((share * of as u128) >> 64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// At most so many of each agent, from here.
    struct Room(usize, Pick);

    impl Gate for Room {
        fn admits(&self, _: u16, running: usize, _: bool) -> Option<Admitted> {
            let pick = self.1;
            (running < self.0).then_some(Admitted { pick, probes: None })
        }

        fn held(&self, _: u16) -> Duration {
            Duration::ZERO
        }

        fn longest_hold(&self, _: u16) -> Duration {
            Duration::MAX
        }
    }

    const OPEN: Room = Room(usize::MAX, Pick::First);

    fn agents(ready: &mut ReadyTasks, gate: &Room, turns: usize) -> Vec<u16> {
        (0..turns).filter_map(|_| Some(ready.take(gate)?.agent)).collect()
    }

    /// 128 tasks of one agent that never end, and one of another.
    #[test]
    fn an_agent_delays_its_neighbours_by_one_place_at_most() {
        let mut ready = ReadyTasks::default();
        (0..128).for_each(|task| ready.add(task, 0, &OPEN));
        assert_eq!(agents(&mut ready, &OPEN, 64), [0; 64]);
        ready.add(200, 1, &OPEN);
        assert_eq!(
            ready.take(&OPEN).unwrap().task,
            200,
            "the very next place is its own"
        );
    }

    #[test]
    fn agents_with_work_share_the_places_evenly() {
        let mut ready = ReadyTasks::default();
        (0..9).for_each(|task| ready.add(task, 0, &OPEN));
        (9..12).for_each(|task| ready.add(task, 1, &OPEN));
        (12..15).for_each(|task| ready.add(task, 2, &OPEN));
        let mut first = agents(&mut ready, &OPEN, 9);
        first.sort_unstable();
        assert_eq!(first, [0, 0, 0, 1, 1, 1, 2, 2, 2]);
        ready.stopped(0);
        assert_eq!(agents(&mut ready, &OPEN, 9), [0; 6]);
    }

    #[test]
    fn what_is_let_go_starts_whatever_it_meets() {
        let (mut ready, shut) = (ReadyTasks::default(), Room(0, Pick::First));
        (0..3).for_each(|task| ready.add(task, 0, &shut));
        assert!(!ready.has_turn(&shut) && ready.take(&shut).is_none());
        ready.let_go(1, 0);
        ready.add_let_go(7, 1, &shut);
        assert_eq!((ready.ready_of(0), ready.ready), (2, 4));
        let mut next = || ready.take(&shut).map(|turn| turn.task);
        assert_eq!([next(), next(), next()], [Some(1), Some(7), None]);
        ready.let_all_go();
        ready.add(8, 0, &shut);
        let mut next = || ready.take(&shut).map(|turn| turn.task);
        assert_eq!(
            [next(), next(), next(), next()],
            [Some(0), Some(2), Some(8), None]
        );
        (0..4).for_each(|_| ready.stopped(0));
        ready.stopped(1);
        assert!(ready.holds_nothing());
    }

    #[test]
    fn what_is_ready_again_comes_before_what_is_new() {
        let mut ready = ReadyTasks::default();
        ready.add(1, 0, &OPEN);
        ready.add_again(7, 0, &OPEN);
        assert_eq!([7, 1], [(); 2].map(|()| ready.take(&OPEN).unwrap().task));
        assert!(ready.take(&OPEN).is_none());
    }

    #[test]
    fn one_at_a_time_comes_from_all_over_the_queue_and_leaves_nobody() {
        let mut ready = ReadyTasks::default();
        let one = Room(1, Pick::Anywhere);
        (0..100).for_each(|task| ready.add(task, 0, &one));
        let mut taken = BTreeSet::new();
        for turn in 1..=100 {
            taken.insert(ready.take(&one).unwrap().task);
            assert!(ready.take(&one).is_none(), "one at a time");
            ready.stopped(0);
            if turn == 8 {
                let eighths: BTreeSet<_> = taken.iter().map(|task| task / 13).collect();
                assert!(eighths.len() >= 6, "they stand together: {taken:?}");
            }
        }
        assert_eq!(taken.len(), 100);
        assert!(ready.holds_nothing());
    }
}
