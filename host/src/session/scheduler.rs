//! Which task is next: those whose dependencies are settled, in the order in
//! which they became ready.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::graph::{Dependency, Graph, TaskIndex, task_dependencies};
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
}

/// What a worker is to do.
pub(super) enum Next {
    /// This task.
    Task(Ready),
    /// Nothing more: it is one too many now.
    Leave,
    /// Nothing more: all tasks are settled.
    Over,
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

    /// Hands out the tasks that are left of a session that is gone on with.
    /// `over` says which are settled already, and `result` what those hand to
    /// their dependants; it is asked only where one is still to run.
    pub(super) fn resumed(
        graph: Arc<Graph>,
        over: impl Fn(TaskIndex) -> bool,
        mut result: impl FnMut(TaskIndex) -> Settled,
    ) -> Self {
        let scheduler = Self::new(graph.clone());
        let mut queue = scheduler.lock();
        queue.ready.retain(|task| !over(*task));
        for task in (0..graph.len() as TaskIndex).filter(|task| over(*task)) {
            queue.unsettled -= 1;
            let mut wanted = 0;
            for dependant in graph.dependants(task).iter().filter(|task| !over(**task)) {
                wanted += 1;
                queue.release(*dependant);
            }
            if wanted > 0 {
                queue.results.insert(task, (result(task), wanted));
            }
        }
        drop(queue);
        scheduler
    }

    /// The next task, for a worker that says whether it is still wanted. Waits
    /// until one is ready.
    pub(super) async fn next(&self, wanted: impl Fn() -> bool) -> Next {
        loop {
            let changed = self.changed.notified();
            {
                let mut queue = self.lock();
                if queue.unsettled == 0 {
                    return Next::Over;
                }
                // One call wakes one worker; each that finds more, or leaves
                // what it was woken for, wakes the next, so that none sleeps
                // while there is work.
                if !wanted() {
                    if !queue.ready.is_empty() {
                        self.changed.notify_one();
                    }
                    return Next::Leave;
                }
                if let Some(index) = queue.ready.pop_front() {
                    if !queue.ready.is_empty() {
                        self.changed.notify_one();
                    }
                    return Next::Task(queue.prepare(&self.graph, index));
                }
            }
            changed.await;
        }
    }

    /// Has every worker that waits look up, because it may be wanted no more.
    pub(super) fn rouse(&self) {
        self.changed.notify_waiters();
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
            };
        };
        let results: Vec<Settled> = task
            .after
            .iter()
            .filter_map(|dependency| match dependency {
                Dependency::Task { task, .. } => Some(self.take(*task)),
                Dependency::Text { .. } => None,
            })
            .collect();
        Ready { index, results }
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::graph::Task;
    use super::*;

    fn chain() -> Arc<Graph> {
        let task = |id: &str, after: &[TaskIndex]| Task {
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
        };
        let tasks = vec![
            task("a", &[]),
            task("b", &[0]),
            task("c", &[0, 1]),
            task("d", &[1]),
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

    fn lacks(ready: &Ready) -> bool {
        let missing = |settled: &Settled| settled.completeness == Completeness::Missing;
        ready.results.iter().any(missing)
    }

    async fn task(scheduler: &Scheduler) -> Ready {
        match scheduler.next(|| true).await {
            Next::Task(ready) => ready,
            Next::Leave | Next::Over => panic!("no task"),
        }
    }

    #[tokio::test]
    async fn tasks_come_when_all_they_need_is_settled_and_results_are_let_go() {
        let scheduler = Scheduler::new(chain());
        let first = task(&scheduler).await;
        assert_eq!((first.index, lacks(&first)), (0, false));
        scheduler.settle(0, done());
        assert_eq!(task(&scheduler).await.index, 1);
        scheduler.settle(1, Settled::MISSING);
        let c = task(&scheduler).await;
        assert_eq!((c.index, lacks(&c), c.results.len()), (2, true, 2));
        let d = task(&scheduler).await;
        assert_eq!((d.index, lacks(&d)), (3, true));
        assert!(scheduler.lock().results.is_empty());
        scheduler.settle(2, Settled::MISSING);
        scheduler.settle(3, done());
        assert!(matches!(scheduler.next(|| true).await, Next::Over));
    }

    #[tokio::test]
    async fn what_is_over_is_not_run_again_and_its_result_is_handed_on() {
        // a and b are over, c and d are not.
        let asked = std::cell::RefCell::new(Vec::new());
        let scheduler = Scheduler::resumed(
            chain(),
            |task| task < 2,
            |task| {
                asked.borrow_mut().push(task);
                done()
            },
        );
        assert_eq!(*asked.borrow(), [0, 1]);
        let c = task(&scheduler).await;
        assert_eq!((c.index, lacks(&c), c.results.len()), (2, false, 2));
        assert!(c.results.iter().all(|result| result.output.is_some()));
        assert_eq!(task(&scheduler).await.index, 3);
        assert!(scheduler.lock().results.is_empty());
        scheduler.settle(2, done());
        scheduler.settle(3, done());
        assert!(matches!(scheduler.next(|| true).await, Next::Over));
        let all_over = Scheduler::resumed(chain(), |_| true, |_| panic!("nobody needs it"));
        assert!(matches!(all_over.next(|| true).await, Next::Over));
    }

    /// A worker that goes to sleep at the moment at which a task becomes ready
    /// must not sleep on, nor must the others when one leaves that was woken:
    /// every interleaving of the two ends. The number of workers that are
    /// wanted goes from four to one in the middle.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_wake_up_is_lost() {
        for _ in 0..2_000 {
            let scheduler = Arc::new(Scheduler::new(chain()));
            let wanted = Arc::new(AtomicUsize::new(4));
            let workers: Vec<_> = (0..4)
                .map(|place| {
                    let (scheduler, wanted) = (scheduler.clone(), wanted.clone());
                    tokio::spawn(async move {
                        let mut count = 0;
                        while let Next::Task(ready) =
                            scheduler.next(|| place < wanted.load(Ordering::Relaxed)).await
                        {
                            tokio::task::yield_now().await;
                            scheduler.settle(ready.index, done());
                            count += 1;
                        }
                        count
                    })
                })
                .collect();
            tokio::task::yield_now().await;
            wanted.store(1, Ordering::Relaxed);
            scheduler.rouse();
            let mut total = 0;
            for worker in workers {
                let joined = tokio::time::timeout(std::time::Duration::from_secs(10), worker).await;
                total += joined.expect("a worker slept on").unwrap();
            }
            assert_eq!(total, 4);
        }
    }
}
