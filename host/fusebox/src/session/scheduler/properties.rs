//! Random sessions against a plain model: random graphs, outcomes, waits,
//! cancellations and interleavings, hosts that are killed at any moment, and
//! what a person has run again after that. The journal's state and the plan of a
//! resume are the real ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;

use super::held::{HeldBy, Stake};
use super::machine::Machine;
use super::tests::{OpenGate, graph, paused};
use super::turns::{Begun, Pause, Started, Ticket};
use crate::session::graph::{Graph, task_dependencies};
use fusebox_store::journal::record::{Attempt, Reopened, Resumed, Retry, Started as Beginning, TaskEnded};
use fusebox_store::journal::{Fate, Record, Recovered, RunAgain, plan};
use fusebox_types::{Counts, TaskIndex, TaskStatus};

/// What can happen next. Which task it happens to is a pick among those to which
/// it can.
#[derive(Debug, Clone)]
enum Step {
    Start,
    End(Index, TaskStatus),
    Wait(Index, u64),
    NoRoom(Index),
    Sleep(u64),
    Cancel(Index),
    CancelAll,
    Kill,
}

/// What a person says when the session is resumed: whether failed tasks run
/// again, which of them, and what was made of them.
#[derive(Debug, Clone)]
struct Resume {
    retry_failed: bool,
    only: Vec<Index>,
    with_dependants: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop_oneof![
        4 => Just(TaskStatus::Succeeded),
        2 => Just(TaskStatus::Failed),
        1 => Just(TaskStatus::Degraded),
        1 => Just(TaskStatus::Cancelled),
        2 => Just(TaskStatus::Skipped),
    ];
    prop_oneof![
        8 => Just(Step::Start),
        8 => (any::<Index>(), status).prop_map(|(pick, status)| Step::End(pick, status)),
        3 => (any::<Index>(), 0..20_u64).prop_map(|(pick, wait)| Step::Wait(pick, wait)),
        1 => any::<Index>().prop_map(Step::NoRoom),
        3 => (0..15_u64).prop_map(Step::Sleep),
        1 => any::<Index>().prop_map(Step::Cancel),
        1 => prop::option::weighted(0.3, Just(())).prop_map(|all| all.map_or(Step::Start, |()| Step::CancelAll)),
        1 => Just(Step::Kill),
    ]
}

fn resume() -> impl Strategy<Value = Resume> {
    let only = prop::collection::vec(any::<Index>(), 0..3);
    (any::<bool>(), only, prop::bool::weighted(0.2)).prop_map(|(retry_failed, only, with_dependants)| {
        Resume {
            retry_failed,
            only,
            with_dependants,
        }
    })
}

/// For each task those that it depends on, all of which come before it; the same
/// one may be named twice.
fn dependencies() -> impl Strategy<Value = Vec<Vec<TaskIndex>>> {
    let picks = prop::collection::vec(prop::collection::vec(any::<Index>(), 0..4), 1..12);
    picks.prop_map(|tasks| {
        let before = |(at, picks): (usize, Vec<Index>)| match at {
            0 => Vec::new(),
            _ => picks.iter().map(|pick| pick.index(at) as TaskIndex).collect(),
        };
        tasks.into_iter().enumerate().map(before).collect()
    })
}

type TestResult = Result<(), TestCaseError>;

/// A host with a session under way, and what a plain look at it says.
struct World {
    graph: Arc<Graph>,
    journal: Recovered,
    machine: Machine<TaskStatus, u32>,
    now: u64,
    running: Vec<(Ticket, u32)>,
    /// Until when tasks wait, as far as the model knows.
    waits: BTreeMap<TaskIndex, u64>,
    /// Those that were told to wait no longer.
    recalled: BTreeSet<TaskIndex>,
    /// Which of them found no room.
    held: BTreeSet<TaskIndex>,
    /// How often each task has ended since the session was resumed.
    ended: BTreeMap<TaskIndex, u32>,
}

impl World {
    fn begin(dependencies: &[Vec<TaskIndex>]) -> Self {
        let graph = graph(dependencies);
        let journal = Recovered::new(Beginning {
            tasks: graph.len() as u32,
            ..Beginning::default()
        });
        Self {
            machine: Machine::new(graph.clone(), |_| false, |_| TaskStatus::Failed, [], &OpenGate),
            graph,
            journal,
            now: 0,
            running: Vec::new(),
            waits: BTreeMap::new(),
            recalled: BTreeSet::new(),
            held: BTreeSet::new(),
            ended: BTreeMap::new(),
        }
    }

    fn is_over(&self, task: TaskIndex) -> bool {
        self.journal.settled.contains_key(&task)
    }

    fn status(&self, task: TaskIndex) -> Option<TaskStatus> {
        self.journal.settled.get(&task).map(|ended| ended.status)
    }

    fn tasks(&self) -> std::ops::Range<TaskIndex> {
        0..self.graph.len() as TaskIndex
    }

    fn depends_on(&self, task: TaskIndex) -> impl Iterator<Item = TaskIndex> {
        task_dependencies(self.graph.task(task).unwrap())
    }

    /// Which tasks could run now, by a plain look.
    fn could_run(&self) -> BTreeSet<TaskIndex> {
        let is_running = |task| self.running.iter().any(|(ticket, _)| ticket.task() == task);
        let waits = |task| self.waits.get(&task).is_some_and(|until| *until > self.now);
        let is_free = |task: &TaskIndex| self.depends_on(*task).all(|on| self.is_over(on));
        let open = self
            .tasks()
            .filter(|task| !self.is_over(*task) && !is_running(*task) && !waits(*task));
        open.filter(is_free).collect()
    }

    fn after(&mut self, step: &Step) -> TestResult {
        match step {
            Step::Start => self.start()?,
            Step::End(pick, status) => {
                if let Some((ticket, _)) = self.pick(pick) {
                    self.end(ticket, *status);
                }
            }
            Step::Wait(pick, wait) => {
                if let Some((ticket, number)) = self.pick(pick) {
                    self.wait(ticket, number, *wait);
                }
            }
            Step::NoRoom(pick) => {
                if let Some((ticket, number)) = self.pick(pick) {
                    self.hold(ticket, number);
                }
            }
            Step::Sleep(time) => self.sleep(*time),
            Step::Cancel(pick) => {
                let task = pick.index(self.graph.len()) as TaskIndex;
                self.machine
                    .recall(task, Duration::from_secs(self.now), &OpenGate);
                self.recalled.insert(task);
                self.waits.remove(&task);
                self.held.remove(&task);
            }
            Step::CancelAll => self.recall_all(),
            Step::Kill => {}
        }
        self.as_the_model_says()
    }

    fn sleep(&mut self, time: u64) {
        self.now += time;
        self.held
            .retain(|task| self.waits.get(task).is_some_and(|until| *until > self.now));
        self.machine.wake(Duration::from_secs(self.now), &OpenGate);
    }

    fn pick(&mut self, pick: &Index) -> Option<(Ticket, u32)> {
        let any = !self.running.is_empty();
        any.then(|| self.running.swap_remove(pick.index(self.running.len())))
    }

    fn recall_all(&mut self) {
        self.machine.recall_all(Duration::from_secs(self.now), &OpenGate);
        self.recalled.extend(self.tasks());
        self.waits.clear();
        self.held.clear();
    }

    /// Notes until when a task waits, unless it waits no longer.
    fn waits_until(&mut self, task: TaskIndex, until: u64) -> bool {
        let waits = !self.recalled.contains(&task);
        if waits {
            self.waits.insert(task, until);
        }
        waits
    }

    fn start(&mut self) -> TestResult {
        let could_run = self.could_run();
        let Some(Started {
            ticket,
            results,
            record,
            ..
        }) = self.machine.start(&OpenGate)
        else {
            prop_assert!(could_run.is_empty(), "dropped: {could_run:?}");
            return Ok(());
        };
        let task = ticket.task();
        prop_assert!(!self.is_over(task), "task {task} is over and runs");
        prop_assert!(could_run.contains(&task), "task {task} runs too early");
        let expected: Vec<_> = self.depends_on(task).map(|on| self.status(on)).collect();
        prop_assert_eq!(results, expected, "task {} is handed something else", task);
        let tried = self
            .journal
            .attempts
            .get(&task)
            .map_or(0, |attempts| attempts.len() as u32);
        prop_assert_eq!(record.unwrap_or(0), tried, "task {} goes on from elsewhere", task);
        self.waits.remove(&task);
        self.held.remove(&task);
        self.running.push((ticket, record.unwrap_or(0)));
        Ok(())
    }

    fn end(&mut self, ticket: Ticket, status: TaskStatus) {
        let task = ticket.task();
        let missing = |on| {
            !matches!(
                self.status(on),
                Some(TaskStatus::Succeeded | TaskStatus::Degraded)
            )
        };
        let status = match status {
            TaskStatus::Skipped if !self.depends_on(task).any(missing) => TaskStatus::Succeeded,
            status => status,
        };
        let ended = TaskEnded::new(task, status);
        self.journal.apply(Record::TaskEnded(Box::new(ended)));
        *self.ended.entry(task).or_default() += 1;
        self.machine.settle(ticket, status, &OpenGate);
        self.machine.wake(Duration::from_secs(self.now), &OpenGate);
        self.release_one();
    }

    fn wait(&mut self, ticket: Ticket, number: u32, wait: u64) {
        let (task, until) = (ticket.task(), self.now + wait);
        self.journal.apply(Record::Retry(Retry {
            task,
            attempt: Attempt::default(),
            next_at: until as i64,
        }));
        self.waits_until(task, until);
        let waits = paused(Pause::Waiting, Duration::from_secs(until), number + 1);
        let now = Duration::from_secs(self.now);
        self.machine.pause(ticket, waits, now, &OpenGate);
        self.machine.wake(Duration::from_secs(self.now), &OpenGate);
        self.release_one();
    }

    fn hold(&mut self, ticket: Ticket, number: u32) {
        let (task, until) = (ticket.task(), self.now + 5);
        if self.waits_until(task, until) {
            self.held.insert(task);
        }
        let record = self.journal.attempts.contains_key(&task).then_some(number);
        let end = Duration::from_secs(until);
        let by = Pause::Held(HeldBy::Sandboxes, Stake::Nothing);
        let now = Duration::from_secs(self.now);
        self.machine
            .pause(ticket, paused(by, end, record.unwrap_or(0)), now, &OpenGate);
    }

    /// There is room once more: the first of those that found none goes on.
    fn release_one(&mut self) {
        let now = Duration::from_secs(self.now);
        let freed = self
            .machine
            .release_one(HeldBy::Sandboxes, |_| true, now, &OpenGate);
        assert_eq!(freed, self.held.first().copied());
        if let Some(task) = self.held.pop_first() {
            self.waits.remove(&task);
        }
    }

    /// The counts are true, nobody ends twice, and it is over when it is over.
    fn as_the_model_says(&self) -> TestResult {
        let over = self.tasks().all(|task| self.is_over(task));
        prop_assert_eq!(self.machine.is_done(), over);
        prop_assert_eq!(self.machine.has_ready(), !self.could_run().is_empty());
        let twice: Vec<_> = self.ended.iter().filter(|(_, times)| **times > 1).collect();
        prop_assert!(twice.is_empty(), "ended more than once: {twice:?}");
        let mut counts = Counts::default();
        self.tasks()
            .filter_map(|task| self.status(task))
            .for_each(|status| counts.add(status, 1));
        let all = counts.succeeded + counts.degraded + counts.failed + counts.skipped + counts.cancelled;
        prop_assert_eq!(over, all == self.graph.len() as u64);
        Ok(())
    }

    /// The host is gone; another one goes on as a person says.
    fn resume(&mut self, resume: &Resume) -> TestResult {
        self.running.clear();
        self.held.clear();
        self.recalled.clear();
        self.ended.clear();
        let only: BTreeSet<_> = resume
            .only
            .iter()
            .map(|pick| pick.index(self.graph.len()) as TaskIndex)
            .collect();
        let failed = |task| resume.retry_failed && (only.is_empty() || only.contains(&task));
        let again = RunAgain {
            failed,
            with_dependants: resume.with_dependants,
        };
        let fates = plan(&self.journal, |task| self.graph.dependants(task), &again);
        let before: Vec<_> = self.tasks().map(|task| self.status(task)).collect();
        let reopened: Vec<_> = self
            .tasks()
            .filter(|task| fates[*task as usize] == Fate::Reopen)
            .collect();
        self.journal.apply(Record::Resumed(Resumed::default()));
        self.journal.apply(Record::Reopened(Reopened {
            tasks: reopened.clone(),
            new_keys: false,
        }));
        for task in self.tasks() {
            let done = before[task as usize] == Some(TaskStatus::Succeeded);
            let kept = self.is_over(task) || resume.with_dependants;
            prop_assert!(!done || kept, "task {task} was done");
        }
        self.waits.retain(|task, _| {
            !self.journal.settled.contains_key(task) && self.journal.next_at.contains_key(task)
        });
        let (journal, waits) = (&self.journal, &self.waits);
        let begun = journal
            .attempts
            .iter()
            .filter(|(task, _)| !journal.settled.contains_key(task));
        let begun = begun.map(|(task, attempts)| {
            let until = waits.get(task).copied().unwrap_or(0);
            (
                *task,
                Begun {
                    record: attempts.len() as u32,
                    not_before: Duration::from_secs(until),
                },
            )
        });
        let status = |task| journal.settled[&task].status;
        let is_over = |task| journal.settled.contains_key(&task);
        self.machine = Machine::new(self.graph.clone(), is_over, status, begun, &OpenGate);
        self.machine.wake(Duration::from_secs(self.now), &OpenGate);
        self.as_the_model_says()
    }

    /// Lets everything come to its end.
    fn finish(&mut self) -> TestResult {
        while !self.machine.is_done() {
            self.sleep(1_000);
            self.start()?;
            prop_assert!(!self.running.is_empty(), "it stands still");
            for (ticket, _) in std::mem::take(&mut self.running) {
                self.end(ticket, TaskStatus::Succeeded);
            }
            self.as_the_model_says()?;
        }
        prop_assert!(self.machine.start(&OpenGate).is_none());
        prop_assert!(self.machine.holds_nothing(), "{:?}", self.machine);
        Ok(())
    }
}

fn session(dependencies: &[Vec<TaskIndex>], steps: &[Step], resumes: &[Resume]) -> TestResult {
    let mut world = World::begin(dependencies);
    let mut resumes = resumes.iter();
    for step in steps {
        world.after(step)?;
        if matches!(step, Step::Kill) || world.machine.is_done() {
            let Some(resume) = resumes.next() else { break };
            world.resume(resume)?;
        }
    }
    world.finish()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 3_000,
        // The smallest case that fails becomes an ordinary test.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Each task ends exactly once a session, none that is over runs, none is
    /// dropped, and the counts are true.
    #[test]
    fn each_task_ends_once_whatever_happens(
        dependencies in dependencies(),
        steps in prop::collection::vec(step(), 0..120),
        resumes in prop::collection::vec(resume(), 0..6),
    ) {
        session(&dependencies, &steps, &resumes)?;
    }
}
