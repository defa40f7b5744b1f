use std::time::Duration;

use super::approach::PATIENCE;
use super::*;
use crate::attempt_clock::CallClock;
use fusebox_resilience::standing::{Account, EndedTask, Holder};
use fusebox_types::TaskIndex;
use fusebox_types::failure::Code;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// What stands at an upstream `llm` that is asked with a secret of its own.
fn standing() -> (Standing, fusebox_events::EventReceiver) {
    let (events, heard) = fusebox_events::channel(Arc::default());
    (Standing::new(Arc::default(), events), heard)
}

fn approach(task: TaskIndex) -> Approach {
    Approach {
        account: Some(Account {
            upstream: "llm".into(),
            agent: "writer".into(),
            instance: None,
        }),
        task,
        clock: CallClock::start(Duration::from_secs(60)),
        turn: None,
    }
}

fn wrong_key() -> Failure {
    Failure::new(Code::ApiAuth, "no").with("upstream", "llm")
}

fn holder() -> Holder {
    Holder {
        agent: "writer".into(),
        instance: "one".into(),
    }
}

fn under_way(standing: &Standing, task: TaskIndex) -> TaskUnderWay {
    standing.look().causes.began(task);
    TaskUnderWay {
        standing: standing.clone(),
        task,
    }
}

/// Passes as the gateway does; what it would end with otherwise.
async fn pass(standing: &Standing, task: TaskIndex) -> Result<Entered, Failure> {
    let mut approach = approach(task);
    loop {
        if !standing.settled(&mut approach).await? {
            continue;
        }
        let account = approach.account.as_ref().unwrap();
        let begun = standing.look().causes.begin(account, task, approach.turn);
        match begun {
            Ok(asking) => {
                return Ok(Entered {
                    standing: standing.clone(),
                    asking: Some(asking),
                });
            }
            Err(Admission::Refused(failure)) => return Err(Failure::clone(&failure)),
            Err(_) => {}
        }
    }
}

fn refuse(entered: Entered) {
    let asking = entered.asking.as_ref().unwrap();
    entered.standing.look().causes.refused(asking, &wrong_key());
}

fn succeed(entered: Entered) {
    let asking = entered.asking.as_ref().unwrap();
    entered.standing.look().causes.succeeded(asking);
}

fn fail(standing: &Standing, task: TaskIndex) {
    let task = EndedTask {
        index: task,
        id: format!("t{task}").into(),
    };
    standing.change(|causes| causes.task_failed(&holder(), &task, &wrong_key()));
}

/// Two tasks that were refused and are under way.
async fn suspects(standing: &Standing) -> [TaskUnderWay; 2] {
    let tasks = [0, 1].map(|task| under_way(standing, task));
    for task in [0, 1] {
        refuse(pass(standing, task).await.unwrap());
    }
    tasks
}

fn waiter(standing: &Standing, task: TaskIndex) -> tokio::task::JoinHandle<Result<Entered, Failure>> {
    let standing = standing.clone();
    tokio::spawn(async move { pass(&standing, task).await })
}

const SOON: Duration = Duration::from_millis(1);

#[tokio::test(start_paused = true)]
async fn who_waits_is_refused_once_it_stands_and_everybody_is_told_once() {
    let (standing, mut heard) = standing();
    let tasks = suspects(&standing).await;
    let waiters: Vec<_> = (2..60).map(|task| waiter(&standing, task)).collect();
    tokio::time::sleep(SOON).await;
    assert!(waiters.iter().all(|waiter| !waiter.is_finished()));
    [0, 1].iter().for_each(|task| fail(&standing, *task));
    drop(tasks);
    for waiter in waiters {
        let refused = timeout(SOON, waiter).await.unwrap().unwrap().unwrap_err();
        assert_eq!((refused.code, &*refused.message), (Code::ApiAuth, "no"));
    }
    let Ok(Event::Standing { about, tasks, .. }) = heard.try_recv() else {
        panic!("nobody was told");
    };
    assert_eq!((&*about, tasks.len()), ("upstream llm", 2));
    assert!(heard.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn who_waits_goes_on_once_a_suspect_succeeds_or_is_no_longer_under_way() {
    let (standing, _heard) = standing();
    let tasks = suspects(&standing).await;
    let waiting = waiter(&standing, 2);
    tokio::time::sleep(SOON).await;
    assert!(!waiting.is_finished());
    // A suspect waits for nobody.
    succeed(timeout(SOON, pass(&standing, 0)).await.unwrap().unwrap());
    assert!(timeout(SOON, waiting).await.unwrap().unwrap().is_ok());
    refuse(pass(&standing, 0).await.unwrap());
    refuse(pass(&standing, 1).await.unwrap());
    let waiting = waiter(&standing, 2);
    tokio::time::sleep(SOON).await;
    assert!(!waiting.is_finished());
    drop(tasks);
    assert!(timeout(SOON, waiting).await.unwrap().unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn while_nothing_is_known_one_at_a_time_tries() {
    let (standing, _heard) = standing();
    let _tasks = suspects(&standing).await;
    let mut waiters: Vec<_> = (2..10).map(|task| waiter(&standing, task)).collect();
    let passed = |waiters: &[tokio::task::JoinHandle<_>]| waiters.iter().filter(|w| w.is_finished()).count();
    tokio::time::sleep(PATIENCE - SOON).await;
    assert_eq!(passed(&waiters), 0);
    tokio::time::sleep(SOON * 2).await;
    assert_eq!(passed(&waiters), 1);
    tokio::time::sleep(PATIENCE).await;
    assert_eq!(passed(&waiters), 2);
    let first = waiters.iter().position(|waiter| waiter.is_finished()).unwrap();
    succeed(waiters.remove(first).await.unwrap().unwrap());
    tokio::time::sleep(SOON).await;
    assert_eq!(passed(&waiters), waiters.len());
}

/// A wait that is charged leaves some of the time for the answer.
#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_attempt_may() {
    let (standing, _heard) = standing();
    let _tasks = suspects(&standing).await;
    let mut hasty = approach(7);
    hasty.clock = CallClock::start(Duration::from_secs(2));
    while !standing.settled(&mut hasty).await.unwrap() {}
    assert_eq!(hasty.clock.left(), Duration::from_secs(1));
}

/// One that is dropped while it waits leaves nothing behind.
#[tokio::test(start_paused = true)]
async fn who_is_cancelled_while_it_waits_holds_nobody_up() {
    let (standing, _heard) = standing();
    let tasks = suspects(&standing).await;
    let cancelled = waiter(&standing, 2);
    let waiting = waiter(&standing, 3);
    tokio::time::sleep(SOON).await;
    cancelled.abort();
    drop(tasks);
    assert!(timeout(SOON, waiting).await.unwrap().unwrap().is_ok());
}

/// Many tasks at once on several threads: whoever waits is woken by whatever
/// comes last, and none before its patience is over, which would hide it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_wake_up_is_lost_in_any_order() {
    for round in 0..200_u32 {
        let (standing, _heard) = standing();
        let mut tasks = JoinSet::new();
        for task in 0..32_u32 {
            let standing = standing.clone();
            tasks.spawn(async move {
                let _under_way = under_way(&standing, task);
                let Ok(entered) = pass(&standing, task).await else {
                    return;
                };
                for _ in 0..(task.wrapping_mul(7) + round) % 5 {
                    tokio::task::yield_now().await;
                }
                match (task + round) % 11 {
                    3 => succeed(entered),
                    7 => drop(entered),
                    _ => refuse(entered),
                }
                if (task + round) % 5 != 2 {
                    fail(&standing, task);
                }
            });
        }
        let all = async { while tasks.join_next().await.is_some() {} };
        let ended = timeout(PATIENCE - Duration::from_secs(1), all).await;
        assert!(ended.is_ok(), "somebody waits for nobody in round {round}");
    }
}
