//! Breakers from one session to the next.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Bench, plugin};

/// An agent that fails or not, as its tasks say, and one that can be told to
/// sleep. The plugin is the bench's own.
fn bench(breaker: &str) -> Bench {
    let bench = Bench::with_config(&format!(
        "session: {{ max_parallel: 2 }}\nagents:\n  chaos:\n    plugin: chaos.wasm\n    \
         retry: {{ max_attempts: 1 }}\n    breaker: {{ {breaker} }}\n  \
         sleeper: {{ plugin: chaos.wasm, retry: {{ max_attempts: 1 }}, limits: {{ deadline: 10m }} }}\n",
    ));
    bench.write("chaos.wasm", fs::read(plugin("chaos")).unwrap());
    bench
}

fn tasks(count: u32, mode: &str) -> String {
    (0..count)
        .map(|n| {
            format!("- {{ id: t{n}, agent: chaos, settings: {{ mode: {mode} }}, input: {{ text: x }} }}\n")
        })
        .collect()
}

/// The code with which one task of a new session ends.
fn code_of_next(bench: &Bench, out: &str) -> String {
    bench.session(&tasks(1, "none"), out);
    bench.report(out).code("t0").to_owned()
}

/// The files of breakers that are kept.
fn kept(bench: &Bench) -> Vec<PathBuf> {
    let folder = bench.path("state/fusebox/circuits");
    let files = fs::read_dir(folder).into_iter().flatten();
    let paths = files.map(|file| file.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "state"))
        .collect()
}

#[track_caller]
fn ordered(bench: &Bench, order: &str) -> Value {
    let arguments = ["breaker", order, "one", "agent:chaos", "--format", "json"];
    let ended = bench.fusebox(&arguments).expect(0);
    let breakers: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(
        order == "show" || ended.stderr.contains("from the next run on"),
        "{}",
        ended.stderr
    );
    breakers[0]["state"].clone()
}

#[test]
fn an_open_circuit_is_open_in_the_next_session_and_says_since_when() {
    let bench = bench("");
    bench.session(&tasks(5, "panic"), "one").expect(1);
    assert_eq!(code_of_next(&bench, "two"), "none", "one at a time, it runs");
    let (one, two) = (bench.report("one"), bench.report("two"));
    let (before, after) = (&one.0["breakers"][0], &two.0["breakers"][0]);
    assert_eq!(
        (&after["state"], &after["cause"]),
        (&json!("open"), &before["cause"])
    );
    assert_eq!(after["counts"], before["counts"]);
    let since = |breaker: &Value| {
        breaker["since"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .unwrap()
    };
    let apart = since(after).duration_since(since(before)).abs();
    assert!(apart < jiff::SignedDuration::from_millis(5), "{apart}");
    assert!(
        after["reason"].as_str().unwrap().contains("earlier session"),
        "{after}"
    );
}

#[test]
fn a_circuit_that_an_earlier_session_left_open_closes_by_successes() {
    let bench = bench("");
    bench.session(&tasks(5, "panic"), "one").expect(1);
    assert_eq!((kept(&bench).len(), ordered(&bench, "show")), (1, json!("open")));
    bench.session(&tasks(2, "none"), "two").expect(0);
    assert_eq!(ordered(&bench, "show"), "open");
    bench.session(&tasks(3, "none"), "three").expect(0);
    assert_eq!(ordered(&bench, "show"), "closed");
}

#[test]
fn an_order_about_a_session_that_is_over_holds_from_the_next_one_on() {
    let bench = bench("hold: 0ms");
    bench.session(&tasks(5, "panic"), "one").expect(1);
    assert_eq!(ordered(&bench, "show"), "open");
    assert_eq!(ordered(&bench, "reset"), "closed");
    assert_eq!(ordered(&bench, "show"), "closed");
    assert_eq!(kept(&bench), [] as [PathBuf; 0]);
    assert_eq!(code_of_next(&bench, "two"), "none");
    assert_eq!(ordered(&bench, "force-open"), "forced-open");
    for out in ["three", "four"] {
        assert_eq!(code_of_next(&bench, out), "shed.breaker");
    }
    assert_eq!(ordered(&bench, "disable"), "disabled");
    bench.session(&tasks(7, "panic"), "five").expect(1);
    assert_eq!(bench.report("five").code("t6"), "trap.panic", "none is refused");
    let unknown = bench
        .fusebox(&["breaker", "reset", "one", "agent:choas"])
        .expect(2);
    assert!(
        unknown.stderr.contains("agent:chaos, agent:sleeper"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn a_killed_session_leaves_its_circuits_to_the_next_and_to_its_own_rest() {
    let bench = bench("");
    let sleep =
        "- { id: sleeps, agent: sleeper, settings: { mode: sleep, ms: 3600000 }, input: { text: x } }\n";
    bench.write(
        "session.yaml",
        format!(
            "session: s\ntasks:\n{}{sleep}{}",
            tasks(5, "panic"),
            "- { id: rest, agent: chaos, input: { text: x } }\n"
        ),
    );
    let mut child = bench
        .command(&["run", "session.yaml", "--out", "one"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while kept(&bench).is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(ordered(&bench, "show"), "open");
    bench
        .fusebox(&["resume", "one", "--set", "agents.sleeper.limits.deadline=1s"])
        .expect(3);
    let report = bench.report("one");
    assert_eq!(report.task("rest")["status"], "succeeded");
    let breakers = report.0["breakers"].as_array().unwrap();
    let of_chaos = breakers.iter().find(|breaker| breaker["key"] == "agent:chaos");
    assert_eq!(of_chaos.unwrap()["state"], "open");
}

#[test]
fn another_plugin_under_the_same_name_begins_with_a_closed_circuit() {
    let bench = bench("");
    bench.session(&tasks(5, "panic"), "one").expect(1);
    let mut other = fs::read(bench.path("chaos.wasm")).unwrap();
    // A custom section `x`, which changes nothing but the digest.
    other.extend([0, 3, 1, b'x', b'y']);
    bench.write("chaos.wasm", other);
    assert_eq!(code_of_next(&bench, "two"), "none");
}

#[test]
fn a_damaged_file_is_said_and_concerns_its_circuit_alone() {
    let bench = bench("");
    bench.session(&tasks(5, "panic"), "one").expect(1);
    let path = kept(&bench).pop().unwrap();
    fs::write(&path, "torn").unwrap();
    let ended = bench.session(&tasks(1, "none"), "two").expect(0);
    assert!(ended.stderr.contains("is damaged"), "{}", ended.stderr);
    fs::remove_file(&path).unwrap();
    bench.session(&tasks(5, "panic"), "three").expect(1);
    assert_eq!(ordered(&bench, "show"), "open");
}

#[test]
fn a_session_in_which_nothing_happened_makes_no_state() {
    let bench = bench("");
    bench.session(&tasks(3, "none"), "one").expect(0);
    assert!(!bench.path("state").exists());
}
