use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;

use super::super::graph::{Dependency, Task};
use super::super::live_settings::LiveSettings;
use super::ready::{Admitted, Gate};
use super::turns::Started;
use super::*;
use crate::sleeper::Sleeper;
use fusebox_runtime::cancellation::Cancellation;
use fusebox_runtime::sandbox::SessionContext;

/// Lets everything pass.
pub(super) struct OpenGate;

impl Gate for OpenGate {
    fn admits(&self, _: u16, _: usize, _: bool) -> Option<Admitted> {
        Some(Admitted::FIRST)
    }

    fn held(&self, _: u16) -> Duration {
        Duration::ZERO
    }

    fn longest_hold(&self, _: u16) -> Duration {
        Duration::MAX
    }
}

const NO_ROOM: Pause = Pause::Held(HeldBy::Sandboxes, Stake::Nothing);
const NOW: Duration = Duration::ZERO;

/// A task of the first agent that is put aside until then.
pub(super) fn paused<P>(why: Pause, until: Duration, record: P) -> Paused<P> {
    Paused {
        why,
        agent: 0,
        until,
        record,
    }
}

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
    Machine::new(
        graph(dependencies),
        |task| over.contains(&task),
        |_| "before",
        [],
        &OpenGate,
    )
}

fn start(machine: &mut Machine<&'static str, u32>) -> (TaskIndex, Ticket, Vec<&'static str>) {
    let Started { ticket, results, .. } = machine.start(&OpenGate).expect("nothing is ready");
    let results = results.into_iter().map(|result| result.unwrap_or("missing"));
    (ticket.task(), ticket, results.collect())
}

#[test]
fn tasks_come_when_all_they_need_is_over_and_results_are_let_go() {
    let mut machine = machine(&[vec![], vec![0], vec![0, 1], vec![1]], &[]);
    let (first, ticket, _) = start(&mut machine);
    assert!(machine.start(&OpenGate).is_none());
    machine.settle(ticket, "a", &OpenGate);
    let (second, ticket, results) = start(&mut machine);
    assert_eq!((first, second, results), (0, 1, vec!["a"]));
    machine.settle(ticket, "b", &OpenGate);
    let (third, two, results) = start(&mut machine);
    assert_eq!((third, results), (2, vec!["a", "b"]));
    let (fourth, three, results) = start(&mut machine);
    assert_eq!((fourth, results), (3, vec!["b"]));
    machine.settle(two, "c", &OpenGate);
    machine.settle(three, "d", &OpenGate);
    assert!(machine.is_done() && machine.holds_nothing());
}

/// The smallest session in which a task that was over ran again: b had run on
/// what there was, and a is run again.
#[test]
fn a_dependant_that_is_over_does_not_run_again_when_what_it_came_after_does() {
    let mut machine = machine(&[vec![], vec![0]], &[1]);
    let (task, ticket, _) = start(&mut machine);
    assert_eq!(task, 0);
    machine.settle(ticket, "a", &OpenGate);
    assert!(machine.start(&OpenGate).is_none() && machine.is_done());
}

/// The smallest session in which the count of what is left went below zero, or a
/// task that was to run never did: b is over, e is not.
#[test]
fn a_dependant_that_is_over_takes_no_other_tasks_place() {
    let mut machine = machine(&[vec![], vec![0], vec![], vec![2]], &[1]);
    let mut order = Vec::new();
    while let Some(Started { ticket, .. }) = machine.start(&OpenGate) {
        order.push(ticket.task());
        machine.settle(ticket, "done", &OpenGate);
    }
    assert_eq!(order, [0, 2, 3]);
    assert!(machine.is_done() && machine.holds_nothing());
}

#[test]
fn what_is_over_hands_its_result_to_what_is_not() {
    let mut machine = machine(&[vec![], vec![0], vec![0, 1], vec![1]], &[0, 1]);
    let (task, ticket, results) = start(&mut machine);
    assert_eq!((task, results), (2, vec!["before", "before"]));
    let (_, other, _) = start(&mut machine);
    machine.settle(ticket, "c", &OpenGate);
    machine.settle(other, "d", &OpenGate);
    assert!(machine.is_done() && machine.holds_nothing());
}

#[test]
fn a_task_that_waits_is_nothing_but_its_record_and_comes_before_new_ones() {
    let mut machine = machine(&[vec![], vec![], vec![]], &[]);
    let (_, ticket, _) = start(&mut machine);
    let second = Duration::from_secs(1);
    machine.pause(ticket, paused(Pause::Waiting, second, 7), NOW, &OpenGate);
    assert_eq!(machine.next_end(), Some(second));
    let (other, _ticket, _) = start(&mut machine);
    machine.wake(second - Duration::from_nanos(1), &OpenGate);
    machine.wake(second, &OpenGate);
    let Some(Started { ticket, record, .. }) = machine.start(&OpenGate) else {
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
        machine.pause(ticket, paused(NO_ROOM, until, task), NOW, &OpenGate);
    }
    machine.release_one(HeldBy::Sandboxes, |_| true, NOW, &OpenGate);
    let (task, ticket, _) = start(&mut machine);
    assert!(machine.start(&OpenGate).is_none());
    machine.pause(ticket, paused(Pause::Waiting, Duration::ZERO, 0), NOW, &OpenGate);
    machine.release_one(HeldBy::Sandboxes, |_| true, NOW, &OpenGate);
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
    let mut machine = Machine::new(graph(&[vec![], vec![0]]), |_| false, |_| "", begun, &OpenGate);
    let (_, ticket, _) = start(&mut machine);
    assert_eq!(machine.next_end(), None, "it is blocked");
    machine.settle(ticket, "a", &OpenGate);
    assert!(machine.start(&OpenGate).is_none());
    assert_eq!(machine.next_end(), Some(Duration::from_secs(9)));
    machine.wake(Duration::from_secs(9), &OpenGate);
    let started = machine.start(&OpenGate).unwrap();
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
        let mut machine = Machine::new(graph(&[vec![], vec![0]]), |_| false, |_| "", begun, &OpenGate);
        let (_, ticket, _) = start(&mut machine);
        match whole {
            true => machine.recall_all(NOW, &OpenGate),
            false => machine.recall(1, NOW, &OpenGate),
        }
        machine.settle(ticket, "a", &OpenGate);
        let Some(Started { ticket, record, .. }) = machine.start(&OpenGate) else {
            panic!("it waits")
        };
        machine.pause(
            ticket,
            paused(Pause::Waiting, Duration::MAX, record.unwrap()),
            NOW,
            &OpenGate,
        );
        let Some(Started { ticket, .. }) = machine.start(&OpenGate) else {
            panic!("it waits")
        };
        machine.settle(ticket, "b", &OpenGate);
        assert!(machine.is_done() && machine.holds_nothing());
    }
}

fn scheduler(dependencies: &[Vec<TaskIndex>]) -> Arc<Scheduler> {
    let none_over = |_| Settled::MISSING;
    let outside = SessionContext::unheard(CancellationToken::new());
    let keeper = Arc::new(Gatekeeper::new(LiveSettings::none(), Arc::new(outside)));
    Arc::new(Scheduler::new(
        graph(dependencies),
        keeper,
        |_| false,
        none_over,
        [],
    ))
}

async fn keep_time(scheduler: &Scheduler, cancel: &Cancellation) -> std::convert::Infallible {
    let (events, _) = fusebox_events::channel(Arc::default());
    let around = Surroundings {
        sleeper: &Sleeper::Runtime,
        cancel,
        events: &events,
    };
    scheduler.keep_time(around).await
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
            tokio::spawn(async move { keep_time(&scheduler, &cancel).await })
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
                            let now = scheduler.after(Duration::ZERO);
                            scheduler.pause(ready.ticket, paused(Pause::Waiting, now, progress));
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
        scheduler.pause(
            ready.ticket,
            paused(Pause::Waiting, scheduler.after(hour), progress),
        );
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
            never = keep_time(&scheduler, &cancel) => match never {},
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}

/// What a session leaves is held, or waits for what is.
#[test]
fn a_session_is_done_when_all_that_is_left_is_held_for_longer_than_it_lasts() {
    let mut machine = machine(&[vec![], vec![0], vec![]], &[]);
    let (_, ticket, _) = start(&mut machine);
    machine.pause(ticket, paused(Pause::Left, Duration::MAX, 9), NOW, &OpenGate);
    let (_, ticket, _) = start(&mut machine);
    assert!(!machine.is_done() && !machine.is_held(&OpenGate));
    machine.settle(ticket, "c", &OpenGate);
    assert!(machine.is_done());
    let left = machine.leave_all();
    let left: Vec<_> = left
        .into_iter()
        .map(|left| (left.task, left.is_blocked, left.record))
        .collect();
    assert_eq!(left, [(0, false, Some(9)), (1, true, None)]);
    assert!(machine.holds_nothing());
}

/// For longer than an upstream asked for, if something else takes so long.
#[test]
fn a_task_that_is_left_goes_on_if_its_session_is_still_there() {
    let mut machine = machine(&[vec![], vec![]], &[]);
    let (_, ticket, _) = start(&mut machine);
    let second = Duration::from_secs(1);
    machine.pause(ticket, paused(Pause::Left, second, 9), NOW, &OpenGate);
    let (_, _other, _) = start(&mut machine);
    machine.wake(second, &OpenGate);
    let started = machine.start(&OpenGate).unwrap();
    assert_eq!((started.ticket.task(), started.record), (0, Some(9)));
}

/// Nobody counts the time for which there was no room.
#[test]
fn a_task_knows_for_how_long_an_upstream_held_it() {
    let mut machine = machine(&[vec![]], &[]);
    let (_, ticket, _) = start(&mut machine);
    let by = HeldBy::Upstream(3);
    let held = paused(Pause::Held(by, Stake::Nothing), Duration::MAX, 1);
    machine.pause(ticket, held, Duration::from_secs(2), &OpenGate);
    assert!(machine.is_held(&OpenGate) && machine.held_by(by) == 1);
    assert_eq!(
        machine.release_one(by, |_| true, Duration::from_secs(7), &OpenGate),
        Some(0)
    );
    let started = machine.start(&OpenGate).unwrap();
    assert_eq!(started.held, Duration::from_secs(5));
}
