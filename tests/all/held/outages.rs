//! A service that is down for a while: its tasks wait, and all of them succeed. Open
//! times are shorter than by default, in the same proportion to the outage.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::played_api::{Answer, Delivery, PlayedApi, Received};
use crate::support::{Bench, Report, plugin};

const ANSWER: &str = include_str!("../../api/glm-answer.json");
const PATH: &str = "/v1/chat/completions";

fn tasks(count: usize) -> String {
    let task = |n| format!("- {{ id: q{n:04}, agent: llm, input: {{ text: hi }} }}\n");
    (0..count).map(task).collect()
}

/// An agent that needs one upstream, which is probed so often.
fn bench(origin: &str, breaker: &str, upstream: &str) -> Bench {
    Bench::with_config(&format!(
        "state: {{ folder: state }}\nagents:\n  llm:\n    plugin: {:?}\n    settings: {{ url: {:?}, model: m }}\n    \
         grants: {{ upstreams: [svc] }}\n\
         upstreams:\n  svc: {{ address: {origin:?}, network: loopback, breaker: {{ {breaker} }}, {upstream} }}\n",
        plugin("llm"),
        format!("{origin}{PATH}"),
    ))
}

/// Opened for a fifth of a second at first.
const QUICK: &str = "open_time: 200ms, max_open_time: 400ms";

/// A service that is as bad as said until so much time has passed since the first
/// request, and well after that. Also counts the requests that came while it was down.
fn down_for(outage: Duration, bad: impl Fn() -> Answer + Send + 'static) -> (PlayedApi, Arc<AtomicU32>) {
    let (asked, down) = (Arc::new(AtomicU32::new(0)), None::<Instant>);
    let (count, mut down) = (asked.clone(), down);
    let api = PlayedApi::answering(move |_: &Received| {
        let since = *down.get_or_insert_with(Instant::now);
        Some(if since.elapsed() < outage {
            count.fetch_add(1, Ordering::SeqCst);
            bad()
        } else {
            Answer::json(200, ANSWER)
        })
    });
    (api, asked)
}

#[track_caller]
fn all_succeeded(report: &Report, count: usize) {
    assert_eq!(report.tasks().len(), count);
    let failed: Vec<_> = report
        .tasks()
        .iter()
        .filter(|task| task["status"] != "succeeded")
        .collect();
    assert!(failed.is_empty(), "{} of {count}: {}", failed.len(), failed[0]);
}

/// Threshold + places + one probe an open period.
const fn most(outage: Duration) -> u32 {
    5 + 4 + (outage.as_millis() / 180) as u32 + 1
}

#[track_caller]
fn survives(outage: Duration, count: usize, upstream: &str, bad: impl Fn() -> Answer + Send + 'static) {
    let (api, asked) = down_for(outage, bad);
    let bench = bench(&api.origin(), QUICK, upstream);
    bench.session(&tasks(count), "out").expect(0);
    all_succeeded(&bench.report("out"), count);
    let asked = asked.load(Ordering::SeqCst);
    assert!(asked <= most(outage), "{asked} requests while it was down");
}

#[test]
fn an_outage_of_503s_loses_no_task() {
    for (ms, count) in [(20, 24), (400, 24), (2_400, 300)] {
        survives(Duration::from_millis(ms), count, "", || Answer::json(503, "{}"));
    }
}

#[test]
fn an_outage_of_resets_loses_no_task() {
    survives(Duration::from_millis(900), 24, "", || {
        Answer::json(200, ANSWER).delivered(Delivery::Reset(0))
    });
}

#[test]
fn an_outage_of_hang_ups_loses_no_task() {
    survives(Duration::from_millis(900), 24, "", || {
        Answer::json(200, "").delivered(Delivery::HangUp)
    });
}

/// Nobody listens at first.
#[test]
fn an_outage_of_refused_connections_loses_no_task() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let bench = bench(&format!("http://{address}"), QUICK, "");
    let server = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(900));
        PlayedApi::listening(address, |_| Some(Answer::json(200, ANSWER)))
    });
    bench.session(&tasks(24), "out").expect(0);
    all_succeeded(&bench.report("out"), 24);
    drop(server.join());
}

/// One after the other, so that each becomes ready when the breaker has long been open.
#[test]
fn a_task_that_becomes_ready_while_its_upstream_is_held_goes_on_as_the_others() {
    let (api, _) = down_for(Duration::from_millis(900), || Answer::json(503, "{}"));
    let bench = bench(&api.origin(), &format!("{QUICK}, failure_threshold: 1"), "");
    let chain = (1..6).map(|n| {
        format!(
            "- {{ id: q{n:04}, agent: llm, after: [q{:04}], input: {{ text: hi }} }}\n",
            n - 1
        )
    });
    let tasks: String = std::iter::once(tasks(1)).chain(chain).collect();
    bench.session(&tasks, "out").expect(0);
    all_succeeded(&bench.report("out"), 6);
}

/// More than the twenty that an agent is given which has shown nothing yet.
#[test]
fn all_tasks_are_left_at_once_where_a_service_asks_for_an_hour() {
    let api = PlayedApi::answering(|_| Some(Answer::json(429, "{}").header("retry-after", "3600")));
    let bench = bench(&api.origin(), "", "");
    bench.session(&tasks(50), "out").expect(75);
    assert_eq!(bench.report("out").0["counts"]["held"], 50);
}

/// With no time to wait, only what cannot be had fails, and says why.
#[test]
fn a_hold_of_nothing_lets_tasks_fail_at_once_with_what_the_service_answered() {
    let (api, _) = down_for(Duration::from_secs(600), || Answer::json(503, "{}"));
    let bench = bench(&api.origin(), "hold: 0ms", "");
    bench.session(&tasks(12), "out").expect(1);
    let report = bench.report("out");
    let shed = report
        .tasks()
        .iter()
        .filter(|task| task["failure"]["code"] == "shed.breaker");
    let told = |task: &serde_json::Value| {
        task["failure"]["message"]
            .as_str()
            .unwrap()
            .contains("answered 503")
    };
    let (all, told): (Vec<_>, Vec<_>) = (shed.clone().collect(), shed.filter(|task| told(task)).collect());
    assert!(!all.is_empty() && all.len() == told.len(), "{all:?}");
}

/// The hold ends, and the report says what the service failed with.
#[test]
fn tasks_are_held_for_so_long_and_no_longer() {
    let (api, _) = down_for(Duration::from_secs(600), || Answer::json(503, "{}"));
    let bench = bench(
        &api.origin(),
        "open_time: 100ms, max_open_time: 100ms, hold: 700ms",
        "",
    );
    bench.session(&tasks(12), "out").expect(1);
    let report = bench.report("out");
    for task in report.tasks() {
        let failure = &task["failure"];
        assert_eq!(
            (&failure["code"], &task["reason"]),
            (&"shed.breaker".into(), &"breaker-open".into()),
            "{task}"
        );
        let message = failure["message"].as_str().unwrap();
        assert!(
            message.contains("held back for 700ms") && message.contains("answered 503"),
            "{message}"
        );
    }
}

/// Nobody waits, nothing is lost: the session can go on later.
#[test]
fn without_waiting_the_session_ends_at_once_and_a_resume_takes_up_what_was_held() {
    let is_up = Arc::new(AtomicU32::new(0));
    let up = is_up.clone();
    let api = PlayedApi::answering(move |_| {
        Some(match up.load(Ordering::SeqCst) {
            0 => Answer::json(503, "{}"),
            _ => Answer::json(200, ANSWER),
        })
    });
    let bench = bench(&api.origin(), QUICK, "");
    bench.write("session.yaml", format!("session: test\ntasks:\n{}", tasks(24)));
    bench
        .fusebox(&["run", "session.yaml", "--no-wait", "--out", "out"])
        .expect(75);
    let report = bench.report("out");
    assert_eq!(report.0["counts"]["held"], 24);
    assert_eq!(report.0["session"]["status"], "held");
    is_up.store(1, Ordering::SeqCst);
    bench.fusebox(&["resume", "out"]).expect(0);
    all_succeeded(&bench.report("out"), 24);
}
