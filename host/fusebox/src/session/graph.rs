//! The tasks of a session and how they depend on each other: a directed graph
//! without cycles, checked when it is made.

use std::collections::HashMap;
use std::sync::Arc;

use crate::config::{Config, OnUpstreamFailure};
use fusebox_resilience::degradation::FallbackLink;
use fusebox_types::failure::{Code, printable};
use fusebox_types::{Output, TaskIndex};

/// What a task works on.
pub type Input = Arc<Output>;

/// What a task is handed besides its input.
#[derive(Debug, Clone)]
pub enum Dependency {
    /// The result of another task.
    Task {
        /// Which.
        task: TaskIndex,
        /// What to do if it has none, of this edge; none leaves it to the task.
        on_failure: Option<OnUpstreamFailure>,
    },
    /// A text that is there from the start, such as a board's node.
    Text {
        /// Where it is from.
        id: Box<str>,
        /// The text.
        content: Input,
    },
}

impl Dependency {
    /// The result of another task; what to do without it is left to the task
    /// that depends on it.
    pub const fn on(task: TaskIndex) -> Self {
        Self::Task {
            task,
            on_failure: None,
        }
    }
}

/// One task.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its id: unique, and possibly hostile.
    pub id: Box<str>,
    /// The agent that carries it out, as an index in [`Graph::agents`].
    pub agent: u16,
    /// What it works on.
    pub input: Input,
    /// Settings over those of the instance, if it has any: a JSON object.
    pub settings: Option<Arc<serde_json::Map<String, serde_json::Value>>>,
    /// What it is handed besides, in order.
    pub after: Box<[Dependency]>,
    /// Whether the session has failed if it has nothing.
    pub required: bool,
    /// What to do with it when one that it depends on has no result; none
    /// leaves it to the agent's configuration.
    pub on_upstream_failure: Option<OnUpstreamFailure>,
    /// What stands in for its result where a task that depends on it asks for
    /// that.
    pub fallback: Option<Input>,
}

/// Why tasks are no graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Two tasks have the same id.
    #[error("two tasks have the id `{}`", printable(.0))]
    DuplicateId(String),
    /// Tasks depend on each other in a circle.
    #[error("these tasks depend on each other in a circle: {}", printable(&.0.join(" -> ")))]
    Cycle(Vec<String>),
    /// More tasks or agents than a session holds.
    #[error("more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many may be.
        limit: usize,
    },
}

impl GraphError {
    /// The code that explains this error.
    pub fn code(&self) -> Code {
        match self {
            GraphError::DuplicateId(_) => Code::SessionDuplicateId,
            GraphError::Cycle(_) => Code::SessionCycle,
            GraphError::TooMany { .. } => Code::SessionUnreadable,
        }
    }
}

/// The most tasks in a session.
const MAX_TASKS: usize = 10_000_000;

/// The tasks of a session.
#[derive(Debug, Clone)]
pub struct Graph {
    tasks: Vec<Task>,
    agents: Vec<String>,
    /// For each task where its dependants begin in `dependants`.
    offsets: Vec<u32>,
    dependants: Vec<TaskIndex>,
}

impl Graph {
    /// A graph of these tasks, for these agents.
    ///
    /// # Errors
    /// If two tasks have the same id, or tasks depend on each other in a circle.
    pub fn new(tasks: Vec<Task>, agents: Vec<String>) -> Result<Self, GraphError> {
        if tasks.len() > MAX_TASKS {
            return Err(GraphError::TooMany {
                what: "tasks",
                limit: MAX_TASKS,
            });
        }
        if agents.len() > usize::from(u16::MAX) {
            return Err(GraphError::TooMany {
                what: "agents",
                limit: usize::from(u16::MAX),
            });
        }
        if let Some(id) = duplicate(&tasks) {
            return Err(GraphError::DuplicateId(id));
        }
        let (offsets, dependants) = dependants(&tasks);
        let graph = Self {
            tasks,
            agents,
            offsets,
            dependants,
        };
        match graph.cycle() {
            Some(ids) => Err(GraphError::Cycle(ids)),
            None => Ok(graph),
        }
    }

    /// How many tasks there are.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// A task.
    pub fn task(&self, index: TaskIndex) -> Option<&Task> {
        self.tasks.get(index as usize)
    }

    /// All tasks in order.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// The names of the agents that the tasks use, and of those that may stand
    /// in for them.
    pub fn agents(&self) -> &[String] {
        &self.agents
    }

    /// The same with the agents that may stand in for those of its tasks, by a
    /// configuration's chains of fallbacks.
    #[must_use]
    pub fn with_fallback_agents(mut self, config: &Config) -> Self {
        let chains = self.agents.iter().filter_map(|name| config.agents.get(name));
        let named = chains.flat_map(|agent| &agent.degradation.fallback);
        let mut more: Vec<String> = Vec::new();
        for link in named {
            if let FallbackLink::Agent(name) = link
                && !self.agents.contains(name)
                && !more.contains(name)
                && self.agents.len() + more.len() < usize::from(u16::MAX)
            {
                more.push(name.clone());
            }
        }
        self.agents.extend(more);
        self
    }

    /// An agent's index, by its name.
    pub(super) fn agent_index(&self, name: &str) -> Option<u16> {
        let at = self.agents.iter().position(|known| known == name)?;
        u16::try_from(at).ok()
    }

    /// The name of the agent that carries out a task.
    pub fn agent_of(&self, task: &Task) -> &str {
        self.agents
            .get(usize::from(task.agent))
            .map_or("", String::as_str)
    }

    /// The tasks that depend on a task, once for each time that they name it.
    pub fn dependants(&self, index: TaskIndex) -> &[TaskIndex] {
        let at = index as usize;
        let bounds = (self.offsets.get(at), self.offsets.get(at + 1));
        let (Some(from), Some(to)) = bounds else {
            return &[];
        };
        self.dependants.get(*from as usize..*to as usize).unwrap_or(&[])
    }

    /// How many tasks depend on a task.
    pub(super) fn distinct_dependants(&self, index: TaskIndex) -> u32 {
        // They are in order, and the same ones stand together.
        let distinct = self.dependants(index).chunk_by(|one, next| one == next).count();
        u32::try_from(distinct).unwrap_or(u32::MAX)
    }

    /// The ids of a circle of tasks, if there is one (Kahn 1962: what is left
    /// when all that is free has been taken away).
    fn cycle(&self) -> Option<Vec<String>> {
        let mut waiting: Vec<u32> = self
            .tasks
            .iter()
            .map(|task| task_dependencies(task).count() as u32)
            .collect();
        let mut free: Vec<TaskIndex> = (0..)
            .zip(&waiting)
            .filter(|(_, n)| **n == 0)
            .map(|(at, _)| at)
            .collect();
        let mut taken = 0;
        while let Some(at) = free.pop() {
            taken += 1;
            for dependant in self.dependants(at) {
                let Some(left) = waiting.get_mut(*dependant as usize) else {
                    continue;
                };
                *left -= 1;
                if *left == 0 {
                    free.push(*dependant);
                }
            }
        }
        if taken == self.tasks.len() {
            None
        } else {
            Some(self.walk_circle(&waiting))
        }
    }

    /// Follows dependencies among the tasks that are left until one comes again.
    fn walk_circle(&self, waiting: &[u32]) -> Vec<String> {
        let left = |at: TaskIndex| waiting.get(at as usize).is_some_and(|n| *n > 0);
        let mut seen = HashMap::new();
        let mut path = Vec::new();
        let mut at = (0..self.tasks.len() as TaskIndex)
            .find(|at| left(*at))
            .unwrap_or(0);
        while !seen.contains_key(&at) {
            seen.insert(at, path.len());
            path.push(at);
            let next = self
                .task(at)
                .and_then(|task| task_dependencies(task).find(|at| left(*at)));
            let Some(next) = next else { break };
            at = next;
        }
        let start = seen.get(&at).copied().unwrap_or(0);
        path.push(at);
        let circle = path.get(start..).unwrap_or(&[]);
        circle
            .iter()
            .filter_map(|at| Some(self.task(*at)?.id.to_string()))
            .collect()
    }
}

/// The tasks that a task depends on.
pub(crate) fn task_dependencies(task: &Task) -> impl Iterator<Item = TaskIndex> {
    task.after.iter().filter_map(|dependency| match dependency {
        Dependency::Task { task, .. } => Some(*task),
        Dependency::Text { .. } => None,
    })
}

fn duplicate(tasks: &[Task]) -> Option<String> {
    let mut ids: Vec<&str> = tasks.iter().map(|task| &*task.id).collect();
    ids.sort_unstable();
    ids.array_windows()
        .find(|[one, other]| one == other)
        .map(|[id, _]| (*id).to_owned())
}

/// The reverse of the dependencies, packed.
fn dependants(tasks: &[Task]) -> (Vec<u32>, Vec<TaskIndex>) {
    let mut pairs: Vec<(TaskIndex, TaskIndex)> = (0..)
        .zip(tasks)
        .flat_map(|(at, task)| task_dependencies(task).map(move |on| (on, at)))
        .collect();
    pairs.sort_unstable();
    let mut offsets = vec![0; tasks.len() + 1];
    for (on, _) in &pairs {
        if let Some(count) = offsets.get_mut(*on as usize + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for offset in &mut offsets {
        sum += *offset;
        *offset = sum;
    }
    (offsets, pairs.into_iter().map(|(_, at)| at).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(id: &str, after: &[TaskIndex]) -> Task {
        Task {
            id: id.into(),
            agent: 0,
            input: Arc::new(Output {
                content_type: "text/plain".into(),
                bytes: vec![],
            }),
            settings: None,
            after: after.iter().map(|at| Dependency::on(*at)).collect(),
            required: false,
            on_upstream_failure: None,
            fallback: None,
        }
    }

    fn graph(tasks: Vec<Task>) -> Result<Graph, GraphError> {
        Graph::new(tasks, vec!["a".into()])
    }

    #[test]
    fn dependants_are_the_reverse_of_dependencies() {
        let graph = graph(vec![task("a", &[]), task("b", &[0]), task("c", &[0, 1])]).unwrap();
        assert_eq!(graph.dependants(0), [1, 2]);
        assert_eq!(graph.dependants(1), [2]);
        assert!(graph.dependants(2).is_empty());
        assert!(graph.dependants(9).is_empty());
    }

    #[test]
    fn a_task_that_names_another_twice_depends_on_it_once() {
        let graph = graph(vec![task("a", &[]), task("b", &[0, 0]), task("c", &[0])]).unwrap();
        assert_eq!(graph.dependants(0), [1, 1, 2]);
        assert_eq!(graph.distinct_dependants(0), 2);
        assert_eq!(graph.distinct_dependants(2), 0);
    }

    #[test]
    fn a_circle_is_named_in_order() {
        let tasks = vec![
            task("start", &[]),
            task("a", &[0, 3]),
            task("b", &[1]),
            task("c", &[2]),
            task("end", &[3]),
        ];
        let Err(GraphError::Cycle(ids)) = graph(tasks) else {
            panic!("no circle")
        };
        assert_eq!(ids, ["a", "c", "b", "a"]);
        assert_eq!(
            graph(vec![task("a", &[0])]).unwrap_err(),
            GraphError::Cycle(vec!["a".into(), "a".into()])
        );
    }

    #[test]
    fn an_id_that_comes_twice_is_named() {
        let found = graph(vec![task("a", &[]), task("b", &[]), task("a", &[])]).unwrap_err();
        assert_eq!(found, GraphError::DuplicateId("a".into()));
    }
}
