//! Attempts that wait for places and rates, under a clock that goes on only where a
//! test says so. The guests are futures; all else is as it is in a session.

mod played;
mod queued;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::sync::Barrier;
use tokio::time::{advance, sleep};

use super::*;
use fusebox_resilience::breaker::{BreakerRules, State};
use played::{Held, Played, until};
use queued::{Attempts, Ended, Guest};

const SECOND: Duration = Duration::from_secs(1);
/// The default.
const DEADLINE: Duration = Duration::from_secs(30);

fn code(ended: &Ended) -> Option<&Code> {
    ended.result.as_ref().err().map(|failure| &failure.code)
}

#[tokio::test(start_paused = true)]
async fn a_healthy_service_of_8_s_with_4_places_and_24_tasks() {
    let _clock = Held::clock();
    let api = Played::answers_after(8 * SECOND).await;
    let attempts = Attempts::new(&[("api", &api, json!({}))]);
    let mut tasks = Vec::new();
    for _ in 0..24 {
        tasks.push(
            attempts
                .begin(|guest| async move { guest.reads("api").await })
                .await,
        );
    }
    for ended in [4, 8, 12, 16, 20, 24] {
        until(|| api.waiting() == 4).await;
        advance(8 * SECOND).await;
        until(|| tasks.iter().filter(|task| task.is_finished()).count() == ended).await;
    }
    let mut longest = Duration::ZERO;
    for task in tasks {
        let Ended { result, usage } = task.await.unwrap();
        result.unwrap();
        assert_eq!(
            usage.own_time(),
            8 * SECOND,
            "what is judged is the service's time"
        );
        longest = longest.max(usage.wall);
    }
    assert_eq!(longest, 6 * 8 * SECOND);
}

/// A rate goes by the machine's own clock. Meanwhile the attempts' clock runs away, but
/// only while all of them stand in line.
#[tokio::test(start_paused = true)]
async fn a_healthy_service_with_a_rate_and_more_tasks_than_fit_in_a_deadline() {
    let _clock = Held::clock();
    let api = Played::answers_after(Duration::ZERO).await;
    let attempts = Attempts::new(&[("api", &api, json!({"rate": {"requests": 1, "per": "50ms"}}))]);
    let mut tasks = Vec::new();
    for _ in 0..12 {
        tasks.push(
            attempts
                .begin(|guest| async move { guest.reads("api").await })
                .await,
        );
    }
    // Far less than what a queue may stand still, however slow the machine is.
    let mut jumps = 0..5;
    while !tasks.iter().all(|task| task.is_finished()) {
        if attempts.all_stand(&tasks) {
            let by = jumps.next().map_or(Duration::from_millis(1), |_| DEADLINE);
            advance(by).await;
        }
        until(|| true).await;
    }
    let mut longest = Duration::ZERO;
    for task in tasks {
        let Ended { result, usage } = task.await.unwrap();
        result.unwrap();
        assert_eq!(usage.own_time(), Duration::ZERO);
        longest = longest.max(usage.queued);
    }
    assert!(longest > DEADLINE, "{longest:?}");
}

/// At another upstream and at the same.
#[tokio::test(start_paused = true)]
async fn who_holds_an_answer_and_asks_for_more_is_ended_by_its_deadline() {
    for other in ["b", "a"] {
        let _clock = Held::clock();
        let (a, b) = (Played::answers_after(Duration::ZERO).await, Played::mute().await);
        let one = json!({"in_flight": 1});
        let attempts = Attempts::new(&[("a", &a, one.clone()), ("b", &b, one)]);
        let holder = attempts
            .begin(|guest| async move { guest.reads("b").await })
            .await;
        until(|| b.waiting() == 1).await;
        let all_asked = Arc::new(Barrier::new(2));
        let asked = all_asked.clone();
        let greedy = attempts
            .begin(move |guest| async move {
                let _unread = guest.gets("a").await;
                asked.wait().await;
                guest.reads(other).await;
            })
            .await;
        all_asked.wait().await;
        advance(DEADLINE).await;
        let ended = greedy.await.unwrap();
        assert_eq!(code(&ended), Some(&Code::LimitDeadline));
        assert_eq!(ended.usage.queued, Duration::ZERO);
        holder.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn two_that_wait_for_each_other_do_so_until_their_deadlines() {
    let _clock = Held::clock();
    let api = Played::answers_after(Duration::ZERO).await;
    let other = Played::answers_after(Duration::ZERO).await;
    let one = json!({"in_flight": 1});
    let attempts = Attempts::new(&[("a", &api, one.clone()), ("b", &other, one)]);
    let both_hold = Arc::new(Barrier::new(3));
    let mut tasks = Vec::new();
    for [first, second] in [["a", "b"], ["b", "a"]] {
        let both_hold = both_hold.clone();
        let crosswise = move |guest: Guest| async move {
            let _unread = guest.gets(first).await;
            both_hold.wait().await;
            guest.reads(second).await;
        };
        tasks.push(attempts.begin(crosswise).await);
    }
    both_hold.wait().await;
    advance(DEADLINE).await;
    for task in tasks {
        assert_eq!(code(&task.await.unwrap()), Some(&Code::LimitDeadline));
    }
    let both = |guest: Guest| async move {
        guest.reads("a").await;
        guest.reads("b").await;
    };
    let after = attempts.begin(both).await.await.unwrap();
    after.result.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_computes_while_its_request_is_queued_is_charged() {
    let _clock = Held::clock();
    let api = Played::answers_after(Duration::ZERO).await;
    let attempts = Attempts::new(&[("api", &api, json!({"in_flight": 1}))]);
    let held = Arc::new(Barrier::new(2));
    let holds = held.clone();
    let holder = attempts
        .begin(|guest| async move {
            let _unread = guest.gets("api").await;
            holds.wait().await;
            std::future::pending().await
        })
        .await;
    held.wait().await;
    let computes = Arc::new(AtomicBool::new(true));
    let until_then = computes.clone();
    let waiting = attempts
        .begin(|guest| async move {
            let asked = guest.asks("api");
            guest.computes(|| until_then.load(Ordering::Relaxed)).await;
            drop(asked.await);
        })
        .await;
    advance(10 * SECOND).await;
    computes.store(false, Ordering::Relaxed);
    until(|| attempts.stands(1)).await;
    advance(15 * SECOND).await;
    holder.abort();
    let Ended { result, usage } = waiting.await.unwrap();
    result.unwrap();
    assert_eq!((usage.own_time(), usage.queued), (10 * SECOND, 15 * SECOND));
}

/// The state of the breaker of a silent upstream that was asked after so long.
async fn after_silence(idle: Duration) -> State {
    let _clock = Held::clock();
    let api = Played::mute().await;
    let attempts = Attempts::new(&[("api", &api, json!({}))]);
    let attempt = attempts
        .begin(move |guest| async move {
            sleep(idle).await;
            guest.reads("api").await;
        })
        .await;
    advance(idle).await;
    until(|| api.waiting() == 1).await;
    advance(DEADLINE - idle).await;
    assert_eq!(code(&attempt.await.unwrap()), Some(&Code::LimitDeadline));
    until(|| !attempts.await_an_upstream()).await;
    let rules = BreakerRules {
        failure_threshold: 1,
        ..BreakerRules::default()
    };
    attempts.outside.breakers.upstream("api").state(&rules)
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_is_silent_for_half_of_the_attempt_counts_on_its_breaker() {
    assert_eq!(after_silence(15 * SECOND).await, State::Open);
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_was_asked_late_does_not_count() {
    assert_eq!(after_silence(16 * SECOND).await, State::Closed);
}
