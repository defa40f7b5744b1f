//! `fusebox status` and `fusebox cancel`, while a session runs.

use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};

use jiff::Timestamp;
use serde_json::Value;

use crate::support::{Bench, Ended, plugin};

/// `chaos` never ends by itself and `flaky` waits for an hour after a failure.
/// One failure that counts would open a breaker.
fn bench(max_parallel: u32) -> Bench {
    let (chaos, shout) = (plugin("chaos"), plugin("shout"));
    Bench::with_config(&format!(
        "session: {{ max_parallel: {max_parallel} }}\n\
         agents:\n  \
         shout: {{ plugin: {shout:?} }}\n  \
         chaos:\n    plugin: {chaos:?}\n    breaker: {{ failure_threshold: 1 }}\n    \
         limits: {{ fuel: 18446744073709551615, deadline: 10m, cpu: 10m }}\n  \
         flaky:\n    plugin: {chaos:?}\n    \
         retry: {{ strategy: fixed, jitter: none, base: 1h, max_delay: 1h, max_elapsed: 10h, max_attempts: 4 }}\n"
    ))
}

fn start(bench: &Bench, name: &str, tasks: &str, out: &str) -> Child {
    let file = format!("{name}.yaml");
    bench.write(&file, format!("session: {name}\ntasks:\n{tasks}"));
    bench
        .command(&["run", &file, "--out", out])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The status as JSON, once it is as it should be.
#[track_caller]
fn poll(bench: &Bench, child: &mut Child, arguments: &[&str], reached: impl Fn(&Value) -> bool) -> Value {
    let arguments = [&["status"], arguments, &["--format", "json"]].concat();
    loop {
        let ended = bench.fusebox(&arguments);
        if ended.code == Some(0) {
            let status: Value = serde_json::from_str(&ended.stdout).unwrap();
            if reached(&status) {
                return status;
            }
        }
        let over = child.try_wait().unwrap();
        assert!(
            over.is_none(),
            "it ended before: {}{}",
            ended.stdout,
            ended.stderr
        );
    }
}

#[track_caller]
fn poll_task(bench: &Bench, child: &mut Child, task: &str, state: &str) -> Value {
    let reached = |view: &Value| view["state"] == state;
    poll(bench, child, &["out", "--task", task], reached)
}

fn cancel(bench: &Bench, task: &str) -> Ended {
    bench.fusebox(&["cancel", "out", "--task", task])
}

fn code(child: &mut Child) -> Option<i32> {
    child.wait().unwrap().code()
}

const MANY: &str = "- { id: done, agent: shout, input: { text: kept } }\n\
    - { id: spins, agent: chaos, settings: { mode: spin }, input: { text: x } }\n\
    - { id: sleeps, agent: chaos, settings: { mode: sleep, ms: 3600000 }, input: { text: x } }\n\
    - { id: waits, agent: flaky, settings: { mode: flaky, failures: 3 }, input: { text: x } }\n\
    - { id: skipped, agent: shout, after: [waits], input: { text: x } }\n\
    - { id: degraded, agent: shout, after: [sleeps], on_upstream_failure: run-degraded, input: { text: x } }\n";

#[test]
fn tasks_are_seen_and_cancelled_one_by_one_and_the_others_finish() {
    let bench = bench(8);
    let mut child = start(&bench, "test", MANY, "out");
    a_waiting_task_says_what_failed_and_when_it_goes_on(&bench, &mut child);
    let mode = std::fs::metadata(bench.path("out/control.sock"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o7777, 0o600);
    cancelled_at_once(&bench, &mut child, "waits", "waiting");
    let spins = cancelled_at_once(&bench, &mut child, "spins", "running");
    // The last one: the session ends with it.
    poll_task(&bench, &mut child, "sleeps", "running");
    cancel(&bench, "sleeps").expect(0);
    let sleeps = Timestamp::now();
    assert_eq!(code(&mut child), Some(3));
    within_a_tenth_of_a_second(&bench, "spins", spins);
    within_a_tenth_of_a_second(&bench, "sleeps", sleeps);
    the_report_tells_the_same(&bench);
    a_session_that_is_over_is_not_asked(&bench);
}

fn a_waiting_task_says_what_failed_and_when_it_goes_on(bench: &Bench, child: &mut Child) {
    let view = poll_task(bench, child, "waits", "waiting");
    assert_eq!((&view["attempt"], &view["of"]), (&2.into(), &4.into()));
    let attempts = view["attempts"].as_array().unwrap();
    assert_eq!((attempts.len(), &attempts[0]["number"]), (1, &1.into()));
    assert_eq!(attempts[0]["failure"]["code"], "guest.chaos.flaky");
    let until: Timestamp = view["until"].as_str().unwrap().parse().unwrap();
    let left = until.duration_since(Timestamp::now()).as_secs_f64();
    assert!((3000.0..=3600.0).contains(&left), "{left}");
    let all = |view: &Value| view["waiting"] == 1 && view["running"] == 2 && view["pending"] == 2;
    let session = poll(bench, child, &["out"], all);
    let reasons = serde_json::json!([{ "reason": "succeeded", "count": 1 }]);
    assert_eq!(
        (&session["counts"]["total"], &session["reasons"]),
        (&6.into(), &reasons)
    );
    let ids: Vec<_> = session["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| &task["task"])
        .collect();
    assert_eq!(ids, ["spins", "sleeps", "waits"]);
    let human = bench.fusebox(&["status", "out"]).expect(0).stdout;
    for words in [
        "waiting for attempt 2 of 4",
        "attempt 1 of 4, running",
        "guest.chaos.flaky",
    ] {
        assert!(human.contains(words), "{words}: {human}");
    }
}

/// Cancels a task in this state and says when it had been told.
fn cancelled_at_once(bench: &Bench, child: &mut Child, task: &str, state: &str) -> Timestamp {
    let was = poll_task(bench, child, task, state);
    assert_eq!(was["cancelling"], false);
    let said = cancel(bench, task).expect(0).stdout;
    let told = Timestamp::now();
    assert!(said.contains(&format!("cancelling task {task}")), "{said}");
    let over = poll_task(bench, child, task, "over");
    let cancelled = Value::from("cancelled");
    assert_eq!((&over["status"], &over["reason"]), (&cancelled, &cancelled));
    let again = cancel(bench, task).expect(0).stdout;
    assert!(again.contains("over already"), "{again}");
    told
}

fn within_a_tenth_of_a_second(bench: &Bench, task: &str, told: Timestamp) {
    let report = bench.report("out");
    let attempt = &report.task(task)["attempts"][0];
    let started: Timestamp = attempt["started"].as_str().unwrap().parse().unwrap();
    let took = std::time::Duration::from_secs_f64(attempt["duration_ms"].as_f64().unwrap() / 1e3);
    let late = (started + took).duration_since(told).as_secs_f64();
    assert!(late < 0.1, "{late}");
}

fn the_report_tells_the_same(bench: &Bench) {
    let report = bench.report("out");
    assert_eq!(report.0["session"]["status"], "degraded");
    assert_eq!(
        report.0["breakers"],
        serde_json::json!([]),
        "cancelled is neutral"
    );
    for (id, status, reason) in [
        ("done", "succeeded", Value::Null),
        ("spins", "cancelled", "cancelled".into()),
        ("sleeps", "cancelled", "cancelled".into()),
        ("waits", "cancelled", "cancelled".into()),
        ("skipped", "skipped", "dependency-failed".into()),
        ("degraded", "succeeded", Value::Null),
    ] {
        let task = report.task(id);
        assert_eq!(
            (&task["status"], &task["reason"]),
            (&status.into(), &reason),
            "{id}"
        );
    }
    assert_eq!(report.task("waits")["attempts"].as_array().unwrap().len(), 1);
}

fn a_session_that_is_over_is_not_asked(bench: &Bench) {
    assert!(!bench.path("out/control.sock").exists());
    for command in ["status", "cancel"] {
        let said = bench.fusebox(&[command, "out"]).expect(66).stderr;
        assert!(
            said.contains("is over") && said.contains("out/report.json"),
            "{said}"
        );
    }
    let listed = bench.fusebox(&["status"]).expect(0).stdout;
    assert_eq!(listed, "no live sessions\n");
}

#[test]
fn a_task_that_has_not_begun_never_does() {
    let bench = bench(1);
    let tasks = "- { id: first, agent: chaos, settings: { mode: sleep, ms: 3600000 }, input: { text: x } }\n\
                 - { id: never, agent: shout, required: true, input: { text: x } }\n\
                 - { id: last, agent: shout, input: { text: x } }\n";
    let mut child = start(&bench, "test", tasks, "out");
    poll_task(&bench, &mut child, "first", "running");
    cancel(&bench, "never").expect(0);
    let pending = poll_task(&bench, &mut child, "never", "pending");
    assert_eq!(pending["cancelling"], true);
    cancel(&bench, "first").expect(0);
    // What is required has nothing.
    assert_eq!(code(&mut child), Some(1));
    let report = bench.report("out");
    let never = report.task("never");
    assert_eq!(
        (&never["status"], &never["attempts"]),
        (&"cancelled".into(), &serde_json::json!([]))
    );
    assert_eq!(report.task("last")["status"], "succeeded");
}

#[test]
fn two_sessions_are_told_apart_and_one_is_cancelled() {
    let bench = bench(8);
    let sleeps =
        "- { id: sleeps, agent: chaos, settings: { mode: sleep, ms: 3600000 }, input: { text: x } }\n";
    let mut one = start(&bench, "one", sleeps, "a");
    let mut two = start(&bench, "two", sleeps, "b");
    let both = |list: &Value| list.as_array().is_some_and(|list| list.len() == 2);
    let list = poll(&bench, &mut one, &[], both);
    let of = |at: usize, name: &str| list[at][name].as_str().unwrap().to_owned();
    let ids = [of(0, "session"), of(1, "session")];
    assert!(
        ids[0].starts_with("one-") && ids[1].starts_with("two-"),
        "{ids:?}"
    );
    assert!(of(0, "folder").ends_with("/a") && of(1, "folder").ends_with("/b"));
    let several = bench.fusebox(&["status", "--task", "sleeps"]).expect(2).stderr;
    assert!(several.contains("say which"), "{several}");
    let said = bench.fusebox(&["cancel", &ids[0]]).expect(0).stdout;
    assert!(said.contains(&format!("cancelling session {}", ids[0])), "{said}");
    assert_eq!(code(&mut one), Some(130));
    assert_eq!(bench.report("a").0["session"]["status"], "cancelled");
    // The other goes on, and is the only one now.
    let alone = |view: &Value| view["state"] == "running";
    poll(&bench, &mut two, &["--task", "sleeps"], alone);
    bench.fusebox(&["cancel", &ids[1], "--task", "sleeps"]).expect(0);
    // Nothing at all is usable, but the session was not cancelled.
    assert_eq!(code(&mut two), Some(1));
}

#[test]
fn unknown_sessions_and_tasks_are_said_and_hostile_ids_are_harmless() {
    let bench = bench(8);
    let said = bench.fusebox(&["status", "nobody-1"]).expect(66).stderr;
    assert!(said.contains("no live session `nobody-1`"), "{said}");
    bench.fusebox(&["cancel", "nobody-1"]).expect(66);
    bench.fusebox(&["cancel"]).expect(2);
    bench.fusebox(&["status", "--task", "x"]).expect(66);
    let said = bench.fusebox(&["status", "."]).expect(66).stderr;
    assert!(said.contains("holds no session"), "{said}");
    let id = "a\u{1b}[2J\u{202e}b";
    let tasks = "- { id: \"a\\e[2J\\u202eb\", agent: chaos, settings: { mode: sleep, ms: 3600000 }, input: { text: x } }\n";
    let mut child = start(&bench, "test", tasks, "out");
    poll_task(&bench, &mut child, id, "running");
    let said = cancel(&bench, "x\u{1b}[2J").expect(2).stderr;
    assert!(said.contains("no task `x\\u{1b}[2J`"), "{said}");
    let human = bench.fusebox(&["status", "out"]).expect(0).stdout;
    assert!(human.contains("a\\u{1b}[2J\\u{202e}b"), "{human}");
    let said = cancel(&bench, id).expect(0).stdout;
    assert!(said.contains("a\\u{1b}[2J\\u{202e}b"), "{said}");
    assert_eq!(code(&mut child), Some(1));
}

#[test]
fn a_session_that_was_killed_is_no_longer_found() {
    let bench = bench(8);
    let sleeps =
        "- { id: sleeps, agent: chaos, settings: { mode: sleep, ms: 3600000 }, input: { text: x } }\n";
    let mut child = start(&bench, "test", sleeps, "out");
    let list = poll(&bench, &mut child, &[], |list| {
        list.as_array().is_some_and(|list| list.len() == 1)
    });
    let id = list[0]["session"].as_str().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        bench.path("out/control.sock").exists(),
        "nobody was there to remove it"
    );
    let said = bench.fusebox(&["status", "out"]).expect(66).stderr;
    assert!(said.contains("is not live"), "{said}");
    bench.fusebox(&["cancel", id]).expect(66);
    assert_eq!(bench.fusebox(&["status"]).expect(0).stdout, "no live sessions\n");
    let links = std::fs::read_dir(bench.path("fusebox/sessions")).unwrap().count();
    assert_eq!(links, 0);
}

/// A socket's address holds 108 bytes.
#[test]
fn a_folder_with_a_long_path_can_be_asked() {
    let bench = bench(8);
    let sleeps =
        "- { id: sleeps, agent: chaos, settings: { mode: sleep, ms: 3600000 }, input: { text: x } }\n";
    let deep = format!("{}/{}", "d".repeat(120), "e".repeat(120));
    let mut child = start(&bench, "test", sleeps, &deep);
    let running = |view: &Value| view["running"] == 1;
    poll(&bench, &mut child, &[&deep], running);
    bench.fusebox(&["cancel", &deep]).expect(0);
    assert_eq!(code(&mut child), Some(130));
}
