//! Which task is next: those whose dependencies are settled, in the order in
//! which they became ready.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::graph::{Dependency, Graph, OnUpstreamFailure, Task, TaskIndex, task_dependencies};
use crate::bindings::Completeness;
use crate::event::Output;

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

/// A task that can be started, with the results of what it depends on.
pub(super) struct Ready {
    pub(super) index: TaskIndex,
    /// One for each dependency on a task, in order.
    pub(super) results: Vec<Settled>,
    /// Whether it should be skipped because one of them is missing.
    pub(super) skip: bool,
}

/// Hands out tasks to workers.
pub(super) struct Scheduler {
    graph: Arc<Graph>,
    state: Mutex<Queue>,
    changed: Notify,
}

struct Queue {
    ready: VecDeque<TaskIndex>,
    /// For each task how many of its dependencies are not settled yet.
    waiting: Vec<u32>,
    /// Results that dependants still need, with how many of those there are.
    results: HashMap<TaskIndex, (Settled, u32)>,
    unsettled: usize,
}

impl Scheduler {
    pub(super) fn new(graph: Arc<Graph>) -> Self {
        let waiting: Vec<u32> = graph
            .tasks()
            .iter()
            .map(|task| task_dependencies(task).count() as u32)
            .collect();
        let ready = (0..)
            .zip(&waiting)
            .filter(|(_, count)| **count == 0)
            .map(|(at, _)| at)
            .collect();
        let unsettled = graph.len();
        let queue = Queue {
            ready,
            waiting,
            results: HashMap::new(),
            unsettled,
        };
        Self {
            graph,
            state: Mutex::new(queue),
            changed: Notify::new(),
        }
    }

    /// The next task, or none when all are settled. Waits until one is ready.
    pub(super) async fn next(&self) -> Option<Ready> {
        loop {
            let changed = self.changed.notified();
            {
                let mut queue = self.lock();
                if let Some(index) = queue.ready.pop_front() {
                    // One call wakes one worker; each that finds more wakes the
                    // next, so that none sleeps while there is work.
                    if !queue.ready.is_empty() {
                        self.changed.notify_one();
                    }
                    return Some(queue.prepare(&self.graph, index));
                }
                if queue.unsettled == 0 {
                    return None;
                }
            }
            changed.await;
        }
    }

    /// Says what a task came to, which may make others ready.
    pub(super) fn settle(&self, index: TaskIndex, settled: Settled) {
        let dependants = self.graph.dependants(index);
        let mut queue = self.lock();
        queue.unsettled -= 1;
        let over = queue.unsettled == 0;
        let mut any_ready = false;
        if !dependants.is_empty() {
            let count = dependants.len() as u32;
            queue.results.insert(index, (settled, count));
            for dependant in dependants {
                any_ready |= queue.release(*dependant);
            }
        }
        drop(queue);
        if over {
            self.changed.notify_waiters();
        } else if any_ready {
            self.changed.notify_one();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// One dependency of a task is settled. Says whether it is ready now.
    fn release(&mut self, index: TaskIndex) -> bool {
        let Some(left) = self.waiting.get_mut(index as usize) else {
            return false;
        };
        *left -= 1;
        let is_ready = *left == 0;
        if is_ready {
            self.ready.push_back(index);
        }
        is_ready
    }

    fn prepare(&mut self, graph: &Graph, index: TaskIndex) -> Ready {
        let Some(task) = graph.task(index) else {
            return Ready {
                index,
                results: Vec::new(),
                skip: true,
            };
        };
        let results: Vec<Settled> = task
            .after
            .iter()
            .filter_map(|dependency| match dependency {
                Dependency::Task(on) => Some(self.take(*on)),
                Dependency::Text { .. } => None,
            })
            .collect();
        let skip = must_skip(task, &results);
        Ready { index, results, skip }
    }

    /// A result for one dependant; gone when the last has taken it.
    fn take(&mut self, index: TaskIndex) -> Settled {
        let Some((settled, left)) = self.results.get_mut(&index) else {
            return Settled::MISSING;
        };
        *left -= 1;
        if *left > 0 {
            return settled.clone();
        }
        self.results
            .remove(&index)
            .map_or(Settled::MISSING, |(settled, _)| settled)
    }
}

fn must_skip(task: &Task, results: &[Settled]) -> bool {
    task.on_upstream_failure == OnUpstreamFailure::Skip
        && results
            .iter()
            .any(|settled| settled.completeness == Completeness::Missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Arc<Graph> {
        let task = |id: &str, after: &[TaskIndex], on_upstream_failure| Task {
            id: id.into(),
            agent: 0,
            input: Arc::new(Output {
                content_type: "text/plain".into(),
                bytes: vec![],
            }),
            settings: None,
            after: after.iter().map(|at| Dependency::Task(*at)).collect(),
            required: false,
            on_upstream_failure,
        };
        let skip = OnUpstreamFailure::Skip;
        let tasks = vec![
            task("a", &[], skip),
            task("b", &[0], skip),
            task("c", &[0, 1], skip),
            task("d", &[1], OnUpstreamFailure::RunDegraded),
        ];
        Arc::new(Graph::new(tasks, vec!["x".into()]).unwrap())
    }

    fn done() -> Settled {
        let output = Output {
            content_type: "text/plain".into(),
            bytes: b"r".to_vec(),
        };
        Settled {
            completeness: Completeness::Complete,
            output: Some(Arc::new(output)),
        }
    }

    #[tokio::test]
    async fn tasks_come_when_all_they_need_is_settled_and_results_are_let_go() {
        let scheduler = Scheduler::new(chain());
        let first = scheduler.next().await.unwrap();
        assert_eq!((first.index, first.skip), (0, false));
        scheduler.settle(0, done());
        assert_eq!(scheduler.next().await.unwrap().index, 1);
        scheduler.settle(1, Settled::MISSING);
        let c = scheduler.next().await.unwrap();
        assert_eq!((c.index, c.skip, c.results.len()), (2, true, 2));
        let d = scheduler.next().await.unwrap();
        assert_eq!((d.index, d.skip), (3, false));
        assert!(scheduler.lock().results.is_empty());
        scheduler.settle(2, Settled::MISSING);
        scheduler.settle(3, done());
        assert!(scheduler.next().await.is_none());
    }

    /// A worker that goes to sleep at the moment at which a task becomes ready
    /// must not sleep on: every interleaving of the two ends.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_wake_up_is_lost() {
        for _ in 0..2_000 {
            let scheduler = Arc::new(Scheduler::new(chain()));
            let workers: Vec<_> = (0..3)
                .map(|_| {
                    let scheduler = scheduler.clone();
                    tokio::spawn(async move {
                        let mut count = 0;
                        while let Some(ready) = scheduler.next().await {
                            tokio::task::yield_now().await;
                            scheduler.settle(ready.index, done());
                            count += 1;
                        }
                        count
                    })
                })
                .collect();
            let mut total = 0;
            for worker in workers {
                let joined = tokio::time::timeout(std::time::Duration::from_secs(10), worker).await;
                total += joined.expect("a worker slept on").unwrap();
            }
            assert_eq!(total, 4);
        }
    }
}
