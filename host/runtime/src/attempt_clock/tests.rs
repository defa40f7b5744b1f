use std::cell::Cell;
use std::rc::Rc;

use tokio::task::{LocalSet, spawn_local, yield_now};
use tokio::time::{advance, timeout};

use super::*;

mod model;

const SECOND: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(30);

/// A guest that waits for `done`, beside the end of its time; whether it was in time.
async fn in_time(clock: &AttemptClock, guest: impl Future) -> bool {
    tokio::select! {
        biased;
        _ = clock.of_guest(guest, || false) => true,
        () = clock.over() => false,
    }
}

/// A request that waits in a queue, and then for an answer.
async fn request(calls: CallClock, queued: Duration, answered_after: Duration) {
    let in_queue = calls.queued();
    sleep(queued).await;
    let _holding = calls.holding();
    drop(in_queue);
    sleep(answered_after).await;
}

/// Runs a guest that makes such requests all at once and waits for all of them.
async fn calls(clock: &AttemptClock, requests: &[(u64, u64)]) -> bool {
    let guest = async {
        let of = |&(queued, answered): &(u64, u64)| {
            let calls = clock.calls().clone();
            let (queued, answered) = (Duration::from_secs(queued), Duration::from_secs(answered));
            tokio::spawn(request(calls, queued, answered))
        };
        for request in requests.iter().map(of).collect::<Vec<_>>() {
            request.await.unwrap();
        }
    };
    in_time(clock, guest).await
}

#[tokio::test(start_paused = true)]
async fn a_queue_is_free_and_an_answer_is_not() {
    let clock = AttemptClock::start(LIMIT);
    assert!(calls(&clock, &[(3600, 8)]).await);
    assert_eq!(
        (clock.wall(), clock.stopped(), clock.left()),
        (3608 * SECOND, 3600 * SECOND, 22 * SECOND)
    );
}

#[tokio::test(start_paused = true)]
async fn the_deadline_moves_by_what_was_waited_and_no_more() {
    let clock = AttemptClock::start(LIMIT);
    assert!(!calls(&clock, &[(3600, 31)]).await);
    assert_eq!(clock.wall(), 3630 * SECOND);
    assert!(clock.is_over());
}

/// At one upstream or at two: the clock does not ask where.
#[tokio::test(start_paused = true)]
async fn who_holds_something_and_asks_for_more_is_charged() {
    let clock = AttemptClock::start(LIMIT);
    assert!(!calls(&clock, &[(5, 1000), (1000, 1)]).await);
    assert_eq!((clock.wall(), clock.stopped()), (35 * SECOND, 5 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn what_waits_on_after_the_rest_has_ended_is_free_again() {
    let clock = AttemptClock::start(LIMIT);
    assert!(calls(&clock, &[(0, 20), (1000, 5)]).await);
    assert_eq!((clock.wall(), clock.left()), (1005 * SECOND, 5 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_the_guests_own_is_charged_while_a_request_is_queued() {
    let clock = AttemptClock::start(LIMIT);
    let _queued = clock.calls().queued();
    let guest = async {
        let _charged = clock.charged();
        sleep(31 * SECOND).await;
    };
    assert!(!in_time(&clock, guest).await);
    assert_eq!(clock.stopped(), Duration::ZERO);
}

/// A guest that computes is polled again and again, and each poll is interrupted.
#[tokio::test(start_paused = true)]
async fn a_guest_that_computes_is_charged_while_a_request_is_queued() {
    let clock = AttemptClock::start(LIMIT);
    let computes = Cell::new(true);
    let guest = async {
        let _queued = clock.calls().queued();
        for _ in 0..10 {
            advance(SECOND).await;
            yield_now().await;
        }
        computes.set(false);
        sleep(1000 * SECOND).await;
    };
    clock.of_guest(guest, || computes.get()).await;
    assert_eq!((clock.left(), clock.stopped()), (20 * SECOND, 1000 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_is_gone_waits_for_nothing() {
    let clock = AttemptClock::start(LIMIT);
    let _queued = clock.calls().queued();
    let guest = clock.of_guest(std::future::pending::<()>(), || false);
    assert!(timeout(5 * SECOND, guest).await.is_err());
    assert_eq!((clock.stopped(), clock.left()), (5 * SECOND, LIMIT));
    assert!(timeout(LIMIT + SECOND, clock.over()).await.is_ok());
}

/// What wakes the guest while it stands in a queue does not make it spin.
#[tokio::test(start_paused = true)]
async fn a_guest_is_polled_only_when_it_is_woken() {
    LocalSet::new()
        .run_until(async {
            let (clock, polls) = (Rc::new(AttemptClock::start(LIMIT)), Rc::new(Cell::new(0)));
            let (of_guest, counted) = (clock.clone(), polls.clone());
            let attempt = spawn_local(async move {
                let mut waits = pin!(sleep(3600 * SECOND));
                let guest = poll_fn(|cx| {
                    counted.set(counted.get() + 1);
                    waits.as_mut().poll(cx)
                });
                in_time(&of_guest, guest).await
            });
            yield_now().await;
            let calls = clock.calls().clone();
            let queued = calls.queued();
            sleep(SECOND).await;
            drop(queued);
            assert!(
                !attempt.await.unwrap(),
                "its deadline comes before the hour is over"
            );
            assert!(polls.get() < 10, "{} polls", polls.get());
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_over_stays_over() {
    let clock = AttemptClock::start(LIMIT);
    let calls = clock.calls();
    advance(LIMIT).await;
    let _queued = calls.queued();
    clock.change(Change::Suspended);
    advance(SECOND).await;
    assert!(clock.is_over() && !calls.is_stopped());
}
