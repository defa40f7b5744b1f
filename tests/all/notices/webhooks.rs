//! Notices posted to a URL.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::{bench, failing};
use crate::played_api::{Answer, Delivery, Gate, PlayedApi};
use crate::support::{Bench, plugin};

fn taken(count: usize) -> Vec<Answer> {
    (0..count).map(|_| Answer::json(200, "{}")).collect()
}

#[test]
fn each_matter_is_posted_exactly_once_with_its_secrets_where_they_belong() {
    let api = PlayedApi::start(taken(10));
    let bench = bench(&format!(
        "  webhooks:\n    ops:\n      url: {}\n      secret_path: {{ file: path.key }}\n      \
         headers: {{ authorization: {{ secret: {{ file: ops.key }}, prefix: \"Bearer \" }} }}\n",
        api.url("/hook?to=")
    ));
    bench.write("ops.key", "hunter22-hunter22\n");
    bench.write("path.key", "swordfish-swordfish\n");
    let ended = bench.session(&failing(6), "out").expect(1);
    let received = api.received();
    let matters: Vec<_> = received
        .iter()
        .map(|post| post.json()["matter"].clone())
        .collect();
    assert_eq!(matters, ["circuit:agent:chaos:open", "session:ended"]);
    for post in &received {
        assert_eq!(
            (post.method.as_str(), post.path.as_str()),
            ("POST", "/hook?to=swordfish-swordfish")
        );
        assert_eq!(post.header("authorization"), Some("Bearer hunter22-hunter22"));
        assert_eq!(post.header("content-type"), Some("application/json"));
        let notice = post.json();
        assert_eq!(post.header("idempotency-key"), notice["id"].as_str());
        assert_eq!(notice["schema"], "fusebox.notice/1");
        assert!(!notice.to_string().contains("hunter22"));
    }
    let log = std::fs::read_to_string(bench.path("out/logs/notices.jsonl")).unwrap();
    let report = std::fs::read_to_string(bench.path("out/report.json")).unwrap();
    for text in [&ended.stderr, &ended.stdout, &log, &report] {
        assert!(
            !text.contains("hunter22") && !text.contains("swordfish"),
            "{text}"
        );
    }
}

/// Told while the session runs, and not at its end: the session cannot end
/// before the webhook has been asked.
#[test]
fn a_matter_is_posted_while_the_session_runs() {
    let api = PlayedApi::start(taken(3));
    let bench = Bench::with_config(&format!(
        "session: {{ max_parallel: 1 }}\nagents: {{ chaos: {{ plugin: {:?}, limits: {{ deadline: 2m }} }} }}\n\
         notify: {{ webhooks: {{ ops: {{ url: \"{}\" }} }} }}\n",
        plugin("chaos"),
        api.url("/")
    ));
    let waits = "- { id: last, agent: chaos, settings: { mode: sleep, ms: 60000 }, input: { text: x } }\n";
    let required = failing(1).replace("agent: chaos", "agent: chaos, required: true");
    bench.write(
        "session.yaml",
        format!("session: test\ntasks:\n{required}{waits}"),
    );
    let mut child = bench
        .command(&["run", "session.yaml", "--out", "out"])
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while api.received().is_empty() && Instant::now() < until {
        assert!(child.try_wait().unwrap().is_none(), "the session still runs");
        std::thread::yield_now();
    }
    assert_eq!(api.received()[0].json()["matter"], "session:will-fail");
    assert!(child.try_wait().unwrap().is_none(), "the session still runs");
    bench.fusebox(&["cancel", "out"]).expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn what_fails_for_a_moment_is_posted_again_with_the_same_id() {
    let mut script = vec![
        Answer::json(503, "{}"),
        Answer::json(200, "{}").delivered(Delivery::HangUp),
    ];
    script.extend(taken(3));
    let api = PlayedApi::start(script);
    let bench = bench(&format!(
        "  webhooks: {{ ops: {{ url: \"{}\", topics: [circuit] }} }}\n",
        api.url("/")
    ));
    let ended = bench.session(&failing(4), "out").expect(1);
    let ids: Vec<_> = api
        .received()
        .iter()
        .map(|post| post.json()["id"].clone())
        .collect();
    assert_eq!(ids.len(), 3, "{ids:?}\n{}", ended.stderr);
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
    assert!(!ended.stderr.contains("did not reach"), "{}", ended.stderr);
}

#[test]
fn a_wrong_address_is_not_asked_again_and_is_said_once() {
    let api = PlayedApi::start(vec![
        Answer::json(404, "{}"),
        Answer::json(302, "{}").header("location", "http://127.0.0.1:1/"),
    ]);
    let bench = bench(&format!(
        "  webhooks: {{ ops: {{ url: \"{}\" }} }}\n",
        api.url("/")
    ));
    let ended = bench.session(&failing(4), "out").expect(1);
    assert_eq!(api.received().len(), 2);
    let said = "2 notices did not reach webhook `ops`";
    assert_eq!(ended.stderr.matches(said).count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("status 302"), "{}", ended.stderr);
}

/// One that never answers, and one that nobody listens at.
#[test]
fn a_dead_webhook_neither_slows_nor_fails_a_session() {
    let (gate, opener) = Gate::closed();
    let api = PlayedApi::start(vec![Answer::json(200, "{}").delivered(Delivery::Held(gate)); 9]);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let bench = bench(&format!(
        "  webhooks:\n    silent: {{ url: \"{}\", timeout: 1m }}\n    gone: {{ url: \"http://{closed}/\" }}\n    keyless: {{ url: \"{}\", secret_path: {{ env: FUSEBOX_TEST_NO_SUCH_SECRET }} }}\n",
        api.url("/"),
        api.url("/")
    ));
    let ended = bench.session(&failing(40), "out").expect(1);
    let report = bench.report("out");
    let took = report.0["session"]["duration_ms"].as_f64().unwrap();
    assert!(
        took < 60_000.0,
        "the session did not wait for the webhook: {took} ms"
    );
    for channel in ["silent", "gone", "keyless"] {
        let said = format!("2 notices did not reach webhook `{channel}`");
        assert_eq!(ended.stderr.matches(&said).count(), 1, "{}", ended.stderr);
    }
    assert!(
        ended.stderr.contains("FUSEBOX_TEST_NO_SUCH_SECRET is not set"),
        "{}",
        ended.stderr
    );
    drop(opener);
}
