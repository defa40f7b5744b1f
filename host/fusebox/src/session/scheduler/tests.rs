use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;

use super::super::graph::{Dependency, Task};
use super::machine::Started;
use super::*;

pub(super) fn task(id: &str, after: &[TaskIndex]) -> Task {
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

/// Tasks with what each of them depends on.
pub(super) fn graph(dependencies: &[Vec<TaskIndex>]) -> Arc<Graph> {
    let tasks = dependencies.iter().enumerate();
    let tasks = tasks.map(|(at, after)| task(&at.to_string(), after)).collect();
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

/// A machine in which these tasks are over.
fn machine(dependencies: &[Vec<TaskIndex>], over: &[TaskIndex]) -> Machine<&'static str, u32> {
    Machine::new(graph(dependencies), |task| over.contains(&task), |_| "before", [])
}

fn start(machine: &mut Machine<&'static str, u32>) -> (TaskIndex, Ticket, Vec<&'static str>) {
    let Started { ticket, results, .. } = machine.start().expect("nothing is ready");
    let results = results.into_iter().map(|result| result.unwrap_or("missing"));
    (ticket.task(), ticket, results.collect())
}

#[test]
fn tasks_come_when_all_they_need_is_over_and_results_are_let_go() {
    let mut machine = machine(&[vec![], vec![0], vec![0, 1], vec![1]], &[]);
    let (first, ticket, _) = start(&mut machine);
    assert!(machine.start().is_none());
    machine.settle(ticket, "a");
    let (second, ticket, results) = start(&mut machine);
    assert_eq!((first, second, results), (0, 1, vec!["a"]));
    machine.settle(ticket, "b");
    let (third, two, results) = start(&mut machine);
    assert_eq!((third, results), (2, vec!["a", "b"]));
    let (fourth, three, results) = start(&mut machine);
    assert_eq!((fourth, results), (3, vec!["b"]));
    machine.settle(two, "c");
    machine.settle(three, "d");
    assert!(machine.is_over() && machine.holds_nothing());
}

/// The smallest session in which a task that was over ran again: b had run on
/// what there was, and a is run again.
#[test]
fn a_dependant_that_is_over_does_not_run_again_when_what_it_came_after_does() {
    let mut machine = machine(&[vec![], vec![0]], &[1]);
    let (task, ticket, _) = start(&mut machine);
    assert_eq!(task, 0);
    machine.settle(ticket, "a");
    assert!(machine.start().is_none() && machine.is_over());
}

/// The smallest session in which the count of what is left went below zero, or a
/// task that was to run never did: b is over, e is not.
#[test]
fn a_dependant_that_is_over_takes_no_other_tasks_place() {
    let mut machine = machine(&[vec![], vec![0], vec![], vec![2]], &[1]);
    let mut order = Vec::new();
    while let Some(Started { ticket, .. }) = machine.start() {
        order.push(ticket.task());
        machine.settle(ticket, "done");
    }
    assert_eq!(order, [0, 2, 3]);
    assert!(machine.is_over() && machine.holds_nothing());
}

#[test]
fn what_is_over_hands_its_result_to_what_is_not() {
    let mut machine = machine(&[vec![], vec![0], vec![0, 1], vec![1]], &[0, 1]);
    let (task, ticket, results) = start(&mut machine);
    assert_eq!((task, results), (2, vec!["before", "before"]));
    let (_, other, _) = start(&mut machine);
    machine.settle(ticket, "c");
    machine.settle(other, "d");
    assert!(machine.is_over() && machine.holds_nothing());
}

#[test]
fn a_task_that_waits_is_nothing_but_its_record_and_comes_before_new_ones() {
    let mut machine = machine(&[vec![], vec![], vec![]], &[]);
    let (_, ticket, _) = start(&mut machine);
    let second = Duration::from_secs(1);
    machine.pause(ticket, Pause::Waiting, second, 7);
    assert_eq!(machine.next_end(), Some(second));
    let (other, _ticket, _) = start(&mut machine);
    machine.wake(second - Duration::from_nanos(1));
    machine.wake(second);
    let Some(Started { ticket, record, .. }) = machine.start() else {
        panic!("it waits on")
    };
    assert_eq!((other, ticket.task(), record), (1, 0, Some(7)));
    assert_eq!(machine.next_end(), None);
}

#[test]
fn one_task_that_is_held_goes_on_for_each_place_that_is_free() {
    let mut machine = machine(&[vec![], vec![], vec![]], &[]);
    for _ in 0..3 {
        let (task, ticket, _) = start(&mut machine);
        let until = Duration::from_secs(u64::from(task));
        machine.pause(ticket, Pause::Held(HeldBy::Sandboxes), until, task);
    }
    machine.release_one(HeldBy::Sandboxes);
    let (task, ticket, _) = start(&mut machine);
    assert!(machine.start().is_none());
    machine.pause(ticket, Pause::Waiting, Duration::ZERO, 0);
    machine.release_one(HeldBy::Sandboxes);
    let (next, _ticket, _) = start(&mut machine);
    assert_eq!((task, next), (0, 1), "one that waits is not held");
}

#[test]
fn a_task_that_was_begun_before_waits_for_what_is_left_of_its_wait() {
    let begun = [(
        1,
        Begun {
            record: 5,
            not_before: Duration::from_secs(9),
        },
    )];
    let mut machine = Machine::new(graph(&[vec![], vec![0]]), |_| false, |_| "", begun);
    let (_, ticket, _) = start(&mut machine);
    assert_eq!(machine.next_end(), None, "it is blocked");
    machine.settle(ticket, "a");
    assert!(machine.start().is_none());
    assert_eq!(machine.next_end(), Some(Duration::from_secs(9)));
    machine.wake(Duration::from_secs(9));
    let started = machine.start().unwrap();
    assert_eq!((started.ticket.task(), started.record), (1, Some(5)));
}

/// The smallest session that never ended: a task that waits for what is left of
/// its wait becomes free after everything was cancelled.
#[test]
fn a_task_that_was_recalled_never_waits_again_whatever_it_was_doing() {
    for whole in [false, true] {
        let begun = [(
            1,
            Begun {
                record: 5,
                not_before: Duration::from_secs(9),
            },
        )];
        let mut machine = Machine::new(graph(&[vec![], vec![0]]), |_| false, |_| "", begun);
        let (_, ticket, _) = start(&mut machine);
        match whole {
            true => machine.recall_all(),
            false => machine.recall(1),
        }
        machine.settle(ticket, "a");
        let Some(Started { ticket, record, .. }) = machine.start() else {
            panic!("it waits")
        };
        machine.pause(ticket, Pause::Waiting, Duration::MAX, record.unwrap());
        let Some(Started { ticket, .. }) = machine.start() else {
            panic!("it waits")
        };
        machine.settle(ticket, "b");
        assert!(machine.is_over() && machine.holds_nothing());
    }
}

fn scheduler(dependencies: &[Vec<TaskIndex>]) -> Arc<Scheduler> {
    let none_over = |_| Settled::MISSING;
    Arc::new(Scheduler::new(graph(dependencies), |_| false, none_over, []))
}

/// A worker that goes to sleep at the moment at which a task becomes ready
/// must not sleep on, nor must the others when one leaves that was woken:
/// every interleaving of the two ends. The number of workers that are
/// wanted goes from four to one in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_wake_up_is_lost() {
    for round in 0..2_000 {
        let scheduler = scheduler(&[vec![], vec![0], vec![0, 1], vec![1]]);
        let wanted = Arc::new(AtomicUsize::new(4));
        let clock = {
            let scheduler = scheduler.clone();
            let cancel = Cancellation::new(CancellationToken::new());
            tokio::spawn(async move { scheduler.keep_time(&Sleeper::Runtime, &cancel).await })
        };
        let workers: Vec<_> = (0..4)
            .map(|place| {
                let (scheduler, wanted) = (scheduler.clone(), wanted.clone());
                tokio::spawn(async move {
                    let mut ended = 0;
                    while let Next::Task(ready) =
                        scheduler.next(|| place < wanted.load(Ordering::Relaxed)).await
                    {
                        tokio::task::yield_now().await;
                        let begins = ready.progress.is_none();
                        if begins && (round + ready.ticket.task()).is_multiple_of(3) {
                            let progress = Box::new(Progress::none(&task("", &[])));
                            scheduler.pause(
                                ready.ticket,
                                Pause::Waiting,
                                scheduler.after(Duration::ZERO),
                                progress,
                            );
                        } else {
                            scheduler.settle(ready.ticket, done());
                            ended += 1;
                        }
                    }
                    ended
                })
            })
            .collect();
        tokio::task::yield_now().await;
        wanted.store(1, Ordering::Relaxed);
        scheduler.rouse();
        let mut total = 0;
        for worker in workers {
            let joined = tokio::time::timeout(Duration::from_secs(10), worker).await;
            total += joined.expect("a worker slept on").unwrap();
        }
        clock.abort();
        assert_eq!(total, 4);
    }
}

/// Cancelling ends a wait at once, also if it comes at the very moment at which
/// the task is put aside.
#[tokio::test(start_paused = true)]
async fn a_cancelled_task_waits_no_longer() {
    for whole in [false, true] {
        let scheduler = scheduler(&[vec![], vec![]]);
        let cancel = Cancellation::new(CancellationToken::new());
        let Next::Task(ready) = scheduler.next(|| true).await else {
            panic!("nothing is ready")
        };
        let hour = Duration::from_secs(3_600);
        let progress = Box::new(Progress::none(&task("", &[])));
        scheduler.pause(ready.ticket, Pause::Waiting, scheduler.after(hour), progress);
        let began = tokio::time::Instant::now();
        let works = async {
            match whole {
                true => cancel.session().cancel(),
                false => cancel.cancel_task(0),
            }
            let Next::Task(new) = scheduler.next(|| true).await else {
                panic!("nothing is ready")
            };
            let Next::Task(again) = scheduler.next(|| true).await else {
                panic!("nothing is ready")
            };
            let mut tasks = [new.ticket.task(), again.ticket.task()];
            tasks.sort_unstable();
            assert_eq!(tasks, [0, 1]);
        };
        tokio::select! {
            () = works => {}
            never = scheduler.keep_time(&Sleeper::Runtime, &cancel) => match never {},
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
