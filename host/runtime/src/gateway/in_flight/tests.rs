use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::*;
use crate::gateway::{Service, Services, UpstreamState};
use fusebox_resilience::in_flight::STALL;
use fusebox_types::failure::{Code, Failure};
use fusebox_upstream::address::Address;
use fusebox_upstream::call::{End, How};
use fusebox_upstream::rules::UpstreamRules;
use std::sync::Arc;

const SOON: Duration = Duration::from_millis(1);
const ADDRESS: &str = "https://api.example.com";

/// An upstream `llm` with these limits.
fn services(limits: UpstreamLimits) -> Arc<Services> {
    let rules: UpstreamRules = serde_json::from_value(serde_json::json!({
        "address": ADDRESS,
        "limits": limits,
    }))
    .unwrap();
    let service = Service {
        rules,
        breaker: Default::default(),
        address: Address::parse(ADDRESS).unwrap(),
        upstream: None,
        policy: None,
        parties: BTreeSet::new(),
    };
    Arc::new(Services {
        by_name: BTreeMap::from([("llm".to_owned(), Arc::new(service))]),
        ..Services::default()
    })
}

fn limits(in_flight: u32) -> UpstreamLimits {
    UpstreamLimits {
        in_flight,
        ..UpstreamLimits::default()
    }
}

struct Bench {
    services: Current,
    state: Arc<UpstreamState>,
}

impl Bench {
    fn new(in_flight: u32) -> Self {
        let services = Current::new(arc_swap::ArcSwap::new(services(limits(in_flight))));
        let state = Arc::new(UpstreamState::new("llm", services.clone(), 1));
        Self { services, state }
    }

    fn reload(&self, limits: UpstreamLimits) {
        self.services.store(services(limits));
        self.state.in_flight.reloaded();
    }

    /// One that asks for a place, and has begun to wait if there is none.
    async fn ask(&self, agent: &str) -> JoinHandle<Result<InFlightPermit, Failure>> {
        let (state, agent) = (self.state.clone(), Arc::from(agent));
        let asked = tokio::spawn(async move { InFlightPermit::take(state, &agent).await });
        tokio::task::yield_now().await;
        asked
    }

    /// A place that is free.
    async fn take(&self, agent: &str) -> InFlightPermit {
        timeout(SOON, self.ask(agent).await)
            .await
            .unwrap()
            .unwrap()
            .unwrap()
    }

    fn load(&self) -> UpstreamLoad {
        self.state.in_flight.load()
    }
}

fn end(status: StatusCode) -> End {
    let reader = |code| fusebox_upstream::answers::Verdict {
        code,
        said_by: Default::default(),
        upstream_code: None,
        message: None,
        location: None,
        retry_after: None,
    };
    let verdict = (status == StatusCode::SERVICE_UNAVAILABLE)
        .then(|| reader(fusebox_upstream::rules::AnswerCode::Overloaded));
    End {
        how: How::Complete,
        status: Some(status),
        verdict,
        sent: true,
        request_bytes: 0,
        response_bytes: 0,
        took: SOON,
        silent_for: Duration::ZERO,
        latency: Some(SOON),
    }
}

/// Those that have a place by now.
fn given(asked: &[JoinHandle<Result<InFlightPermit, Failure>>]) -> Vec<usize> {
    let given = asked.iter().enumerate().filter(|(_, one)| one.is_finished());
    given.map(|(at, _)| at).collect()
}

#[tokio::test(start_paused = true)]
async fn each_place_that_is_given_back_wakes_one_in_order() {
    let bench = Bench::new(2);
    let (first, _second) = (bench.take("a").await, bench.take("a").await);
    let asked = [bench.ask("a").await, bench.ask("b").await, bench.ask("a").await];
    sleep(SOON).await;
    assert_eq!(given(&asked), [] as [usize; 0]);
    drop(first);
    sleep(SOON).await;
    assert_eq!(given(&asked), [1], "the agent that has none");
    let load = bench.load();
    assert_eq!(
        (load.in_use, load.waiting, load.limit, load.in_flight),
        (2, 2, 2, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn who_is_dropped_while_it_waits_or_just_as_it_is_given_a_place_leaves_nothing() {
    let bench = Bench::new(1);
    let held = bench.take("a").await;
    let asked = [bench.ask("a").await, bench.ask("a").await, bench.ask("b").await];
    asked[0].abort();
    tokio::task::yield_now().await;
    // Given to `b` and, before it runs, dropped by it.
    drop(held);
    asked[2].abort();
    sleep(SOON).await;
    assert!(asked[1].is_finished());
    drop(asked);
    sleep(SOON).await;
    assert_eq!((bench.load().in_use, bench.load().waiting), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_follow_a_reload_at_once() {
    let bench = Bench::new(1);
    let _held = bench.take("a").await;
    let asked = [bench.ask("a").await, bench.ask("a").await, bench.ask("a").await];
    bench.reload(limits(3));
    sleep(SOON).await;
    assert_eq!(given(&asked), [0, 1]);
    bench.services.store(Arc::default());
    bench.state.in_flight.reloaded();
    assert_eq!(bench.load().limit, 3, "one that is gone keeps its rules");
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_stands_still_for_ten_minutes_ends_the_wait() {
    let bench = Bench::new(2);
    let (first, _second) = (bench.take("a").await, bench.take("a").await);
    let early = bench.ask("a").await;
    sleep(STALL / 2).await;
    drop(first);
    let late = [bench.ask("a").await, bench.ask("a").await];
    let _third = early.await.unwrap().unwrap();
    sleep(STALL - SOON).await;
    assert_eq!(given(&late), [] as [usize; 0]);
    sleep(SOON * 2).await;
    for late in late {
        let failure = late.await.unwrap().unwrap_err();
        assert_eq!(failure.code, Code::ShedQueue);
        assert!(failure.message.contains("2 requests are in flight"), "{failure}");
    }
    assert_eq!((bench.load().in_use, bench.load().waiting), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn refusals_make_it_fewer_and_successes_all_again() {
    let bench = Bench::new(4);
    let mut refused = [bench.take("a").await, bench.take("a").await];
    refused.iter_mut().for_each(InFlightPermit::sent);
    for permit in refused {
        permit.ended(&end(StatusCode::SERVICE_UNAVAILABLE));
    }
    assert_eq!(bench.load().limit, 2);
    let mut held = [bench.take("a").await, bench.take("a").await];
    let waits = bench.ask("a").await;
    assert!(!waits.is_finished());
    held.iter_mut().for_each(InFlightPermit::sent);
    for permit in held {
        permit.ended(&end(StatusCode::OK));
    }
    drop(waits.await.unwrap().unwrap());
    assert_eq!(bench.load().limit, 3);
    bench.reload(UpstreamLimits {
        adaptive: false,
        ..limits(4)
    });
    assert_eq!(bench.load().limit, 4);
    let mut permit = bench.take("a").await;
    permit.sent();
    permit.ended(&end(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(bench.load().limit, 4);
}

/// Many requests on several threads, some of which go away while they wait: all others
/// have their place, and nothing is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_wake_up_is_lost_in_any_order() {
    for round in 0..100_u32 {
        let bench = Bench::new(1 + round % 4);
        let mut tasks = JoinSet::new();
        for n in 0..64_u32 {
            let (state, agent) = (bench.state.clone(), Arc::from(["a", "b", "c"][n as usize % 3]));
            tasks.spawn(async move {
                let take = InFlightPermit::take(state, &agent);
                if n % 5 == round % 5 {
                    let _ = futures_util::future::select(
                        std::pin::pin!(take),
                        std::pin::pin!(tokio::task::yield_now()),
                    )
                    .await;
                    return;
                }
                let permit = take.await.unwrap();
                tokio::task::yield_now().await;
                drop(permit);
            });
        }
        tasks.join_all().await;
        assert_eq!((bench.load().in_use, bench.load().waiting), (0, 0));
    }
}
