use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use tokio::time::{Instant, sleep};

use super::*;
use crate::{GiveUp, Jitter, Strategy};
use fusebox_types::failure::Code;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn rules() -> RetryRules {
    RetryRules {
        max_attempts: 3,
        strategy: Strategy::Exponential,
        jitter: Jitter::None,
        ..RetryRules::default()
    }
}

fn retrier(rules: RetryRules) -> Arc<Retrier> {
    Arc::new(Retrier::new(rules, BudgetRules::default()))
}

fn trap() -> Failure {
    Failure::new(Code::TrapPanic, "again")
}

/// Why it gave up, and after how many attempts.
#[track_caller]
fn gave_up<T: std::fmt::Debug>(result: Result<T, RetryError>) -> (GiveUp, u32) {
    match result {
        Err(RetryError::GaveUp { reason, attempts, .. }) => (reason, attempts),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn it_succeeds_at_last_after_the_waits_of_the_rules() {
    let (retrier, started) = (retrier(rules()), Instant::now());
    let work = async |attempt| if attempt < 3 { Err(trap()) } else { Ok(attempt) };
    assert_eq!(retrier.execute("a", work).await.unwrap(), 3);
    assert_eq!(started.elapsed(), MS(100 + 200));
    let status = retrier.status("a").unwrap();
    assert_eq!((status.attempt(), status.max_attempts), (3, 3));
    assert_eq!((status.end, status.next), (Some(End::Succeeded), None));
    let past: Vec<_> = status
        .past
        .iter()
        .map(|past| (past.number, past.delay_before))
        .collect();
    assert_eq!(past, [(1, MS(0)), (2, MS(100))]);
    assert_eq!(status.past[0].failure.code, Code::TrapPanic);
    assert_eq!(retrier.status("b"), None);
}

#[tokio::test(start_paused = true)]
async fn each_reason_to_give_up_is_said() {
    let always = |failure: Failure| async move |_| Err::<(), _>(failure.clone());
    let few = BudgetRules {
        reserve: 1,
        ..BudgetRules::NONE
    };
    let short = RetryRules {
        max_elapsed: MS(150),
        max_attempts: 9,
        ..rules()
    };
    let unknown = Failure::new(Code::Guest("x".into()), "");
    let budget = Retrier::new(rules(), few);
    let plain = retrier(rules());
    let rows = [
        (
            plain.execute("attempts", always(trap())).await,
            GiveUp::Attempts,
            3,
        ),
        (
            plain
                .execute("fuel", always(Failure::new(Code::LimitFuel, "")))
                .await,
            GiveUp::NonRetryable,
            1,
        ),
        (
            plain.execute("unknown", always(unknown.clone())).await,
            GiveUp::NotIdempotent,
            1,
        ),
        (
            plain
                .execute(Call::new("idempotent").idempotent(), always(unknown))
                .await,
            GiveUp::Attempts,
            3,
        ),
        (budget.execute("budget", always(trap())).await, GiveUp::Budget, 2),
        (
            plain
                .execute(Call::new("deadline").within(MS(250)), always(trap()))
                .await,
            GiveUp::Deadline,
            2,
        ),
        (
            retrier(short).execute("elapsed", always(trap())).await,
            GiveUp::Elapsed,
            3,
        ),
    ];
    for (result, reason, attempts) in rows {
        assert_eq!(gave_up(result), (reason, attempts));
    }
    assert_eq!(
        budget.status("budget").unwrap().end,
        Some(End::GaveUp(GiveUp::Budget))
    );
}

#[tokio::test(start_paused = true)]
async fn cancel_takes_effect_at_once_during_a_wait_and_during_an_attempt() {
    let long = RetryRules {
        base: MS(20_000),
        ..rules()
    };
    let retrier = retrier(long);
    for (name, works) in [("waits", MS(0)), ("works", MS(3_600_000))] {
        let started = Instant::now();
        let other = retrier.clone();
        let work = async move |_| {
            sleep(works).await;
            Err::<(), _>(trap())
        };
        let task = tokio::spawn(async move { other.execute(name, work).await });
        sleep(MS(5_000)).await;
        let status = retrier.status(name).unwrap();
        let next = (name == "waits").then(|| status.started() + MS(20_000));
        assert_eq!((status.end, status.attempt(), status.next), (None, 1, next));
        assert!(retrier.cancel(name) && !retrier.cancel("nobody"));
        assert_eq!(gave_up(task.await.unwrap()), (GiveUp::Cancelled, 1));
        assert_eq!(started.elapsed(), MS(5_000), "{name}");
        assert!(!retrier.cancel(name), "it is over");
        let end = retrier.status(name).unwrap().end;
        assert_eq!(end, Some(End::GaveUp(GiveUp::Cancelled)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_at_the_deadline() {
    let (retrier, started) = (retrier(rules()), Instant::now());
    let call = Call::new("hangs").within(MS(700));
    let result = retrier.execute(call, async |_| std::future::pending::<Result<(), _>>().await);
    assert_eq!(gave_up(result.await), (GiveUp::Deadline, 1));
    assert_eq!(started.elapsed(), MS(700));
}

#[tokio::test(start_paused = true)]
async fn what_is_said_of_a_failure_is_what_is_done() {
    let jitter = RetryRules {
        jitter: Jitter::Full,
        ..rules()
    };
    let clock = TokioClock::new();
    let retrier = Retrier::with_clock(jitter, BudgetRules::default(), clock, 7);
    let asked = retrier.delay(&trap(), &retrier.fresh("a")).unwrap();
    assert!(retrier.should_retry(&trap(), &retrier.fresh("a")));
    let fuel = Failure::new(Code::LimitFuel, "");
    assert!(!retrier.should_retry(&fuel, &retrier.fresh("a")));
    let work = async |attempt| if attempt < 2 { Err(trap()) } else { Ok(()) };
    retrier.execute("a", work).await.unwrap();
    assert_eq!(retrier.status("a").unwrap().state.previous_delay(), asked);
    let again = Retrier::with_clock(retrier.rules.clone(), BudgetRules::default(), clock, 7);
    assert_eq!(again.delay(&trap(), &again.fresh("b")), Some(asked));
}

#[tokio::test(start_paused = true)]
async fn a_name_is_for_one_at_a_time_and_what_is_dropped_is_over() {
    let (retrier, ran) = (retrier(rules()), AtomicU32::new(0));
    let forever = async |_: u32| {
        ran.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<Result<(), _>>().await
    };
    {
        let mut first = std::pin::pin!(retrier.execute("a", forever));
        assert!(
            poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx)))
                .await
                .is_pending()
        );
        let second = retrier.execute("a", forever).await;
        assert!(matches!(second, Err(RetryError::UnderWay(name)) if name == "a"));
        assert_eq!(ran.load(Ordering::Relaxed), 1);
    }
    let end = retrier.status("a").unwrap().end;
    assert_eq!(end, Some(End::GaveUp(GiveUp::Cancelled)));
    retrier.execute("a", async |_| Ok(())).await.unwrap();
    assert_eq!(retrier.status("a").unwrap().end, Some(End::Succeeded));
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_is_bounded() {
    let many = RetryRules {
        max_attempts: 100,
        base: MS(1),
        growth: 1,
        ..rules()
    };
    let retrier = Retrier::new(
        many,
        BudgetRules {
            reserve: 100,
            ..BudgetRules::NONE
        },
    );
    let failed = retrier.execute("long", async |_| Err::<(), _>(trap())).await;
    assert_eq!(gave_up(failed), (GiveUp::Attempts, 100));
    let past = retrier.status("long").unwrap().past;
    assert_eq!(
        (past.len(), past[0].number),
        (PAST_KEPT, 100 - PAST_KEPT as u32 + 1)
    );
    for n in 0..FINISHED_KEPT + 10 {
        retrier.execute(format!("{n}"), async |_| Ok(())).await.unwrap();
        retrier.execute("same", async |_| Ok(())).await.unwrap();
    }
    assert!(retrier.status("long").is_none() && retrier.status("9").is_none());
    assert!(retrier.status("same").is_some() && retrier.status("1000").is_some());
}
