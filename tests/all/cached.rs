//! The last good output of the same plugin for the same question, for a task
//! whose retries have ended without a result: from one session to the next.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Bench, Report, plugin};

/// `chaos` fails its first attempts and has a chain; a second attempt is well.
fn bench(chain: &str) -> Bench {
    let bench = Bench::with_config(&format!(
        "defaults: {{ retry: {{ max_attempts: 2, base: 1ms }}, breaker: {{ mode: \"off\" }} }}\n\
         agents:\n  chaos:\n    plugin: chaos.wasm\n    settings: {{ mode: flaky, failures: 1 }}\n    \
         degradation: {{ fallback: {chain}, on_upstream_failure: run-degraded }}\n"
    ));
    bench.write("chaos.wasm", fs::read(plugin("chaos")).unwrap());
    bench
}

const TASK: &str = "- { id: a, agent: chaos, input: { text: x }, fallback: { text: mine } }\n";

/// A session in which every task is well.
fn well(bench: &Bench, tasks: &str, out: &str) -> Report {
    bench.session(tasks, out).expect(0);
    bench.report(out)
}

/// A session in which `chaos` fails for good, with more arguments.
fn failing(bench: &Bench, tasks: &str, out: &str, more: &[&str]) -> Report {
    bench.write("session.yaml", format!("session: test\ntasks:\n{tasks}"));
    let run = [
        "run",
        "session.yaml",
        "--out",
        out,
        "--set=agents.chaos.retry.max_attempts=1",
    ];
    bench.fusebox(&[&run, more].concat());
    bench.report(out)
}

#[track_caller]
fn is_cached(task: &Value, output: &str) {
    let fallback = task["fallback"].as_str().unwrap_or("none");
    assert!(fallback.starts_with("cached:"), "{task}");
    assert_eq!(
        (&task["status"], &task["output"]["inline"]),
        (&json!("degraded"), &json!(output))
    );
}

#[track_caller]
fn is_not_cached(task: &Value, why: &str) {
    assert_eq!(
        (&task["fallback"], &task["output"]["inline"]),
        (&json!("value"), &json!("mine"))
    );
    let context = task["failure"]["context"].to_string();
    assert!(context.contains("cached: ") && context.contains(why), "{context}");
}

const NOTHING: &str = "nothing good is kept for this input";

/// The files of outputs that are kept.
fn kept(bench: &Bench) -> Vec<PathBuf> {
    let files = fs::read_dir(bench.path("state/fusebox/last-good"))
        .into_iter()
        .flatten();
    let paths = files.map(|file| file.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "state"))
        .collect()
}

#[test]
fn a_task_that_fails_is_given_what_an_earlier_session_got_and_says_of_when() {
    let bench = bench("[cached, value]");
    is_not_cached(failing(&bench, TASK, "none", &[]).task("a"), NOTHING);
    assert_eq!(well(&bench, TASK, "one").task("a").get("fallback"), None);
    let two = failing(&bench, TASK, "two", &[]);
    let task = two.task("a");
    is_cached(task, r#"{"echo":"x"}"#);
    assert_eq!(two.0["session"]["status"], "degraded");
    let context = task["failure"]["context"].as_array().unwrap();
    let given = context.iter().find(|pair| pair[0] == "cached").unwrap()[1]
        .as_str()
        .unwrap();
    let at: jiff::Timestamp = given.rsplit(' ').next().unwrap().parse().unwrap();
    let ended: jiff::Timestamp = two.0["session"]["started"].as_str().unwrap().parse().unwrap();
    assert!(at < ended, "{given}");
    // What was given once more is not good anew.
    is_cached(failing(&bench, TASK, "three", &[]).task("a"), r#"{"echo":"x"}"#);
}

#[test]
fn another_question_is_not_answered_with_it() {
    let bench = bench("[cached, value]");
    let second = "- { id: b, agent: chaos, after: [a], input: { text: y }, fallback: { text: mine } }\n";
    let both = format!("{TASK}{second}");
    well(&bench, &both, "one");
    for (name, tasks) in [
        ("input", TASK.replace("text: x", "text: z")),
        ("type", TASK.replace("{ text: x }", "{ json: x }")),
        (
            "settings",
            TASK.replace("id: a,", "id: a, settings: { failures: 2 },"),
        ),
    ] {
        is_not_cached(failing(&bench, &tasks, name, &[]).task("a"), NOTHING);
    }
    // The id of a task is no part of what it asks; what it is handed is.
    let renamed = TASK.replace("id: a", "id: other");
    is_cached(
        failing(&bench, &renamed, "renamed", &[]).task("other"),
        r#"{"echo":"x"}"#,
    );
    is_not_cached(failing(&bench, &both, "handed", &[]).task("b"), NOTHING);
}

#[test]
fn another_plugin_under_the_same_name_begins_with_nothing() {
    let bench = bench("[cached, value]");
    well(&bench, TASK, "one");
    let before = fs::read(bench.path("chaos.wasm")).unwrap();
    // A custom section `x`, which changes nothing but the digest.
    bench.write("chaos.wasm", [&before[..], &[0, 3, 1, b'x', b'y']].concat());
    is_not_cached(failing(&bench, TASK, "two", &[]).task("a"), NOTHING);
    bench.write("chaos.wasm", before);
    is_cached(failing(&bench, TASK, "three", &[]).task("a"), r#"{"echo":"x"}"#);
}

#[test]
fn one_that_is_too_old_gives_nothing() {
    let bench = bench("[{ cached: { max_age: 7d } }, value]");
    well(&bench, TASK, "one");
    is_cached(failing(&bench, TASK, "two", &[]).task("a"), r#"{"echo":"x"}"#);
    let strict = "--set=agents.chaos.degradation.fallback=[{ cached: { max_age: 1ms } }, value]";
    let task = failing(&bench, TASK, "three", &[strict]);
    is_not_cached(task.task("a"), "old; 1ms are allowed");
}

#[test]
fn only_agents_with_the_link_keep_anything() {
    let bench = bench("[value]");
    well(&bench, TASK, "one");
    assert!(!bench.path("state").exists());
}

#[test]
fn what_is_kept_is_bounded_and_the_oldest_goes_first() {
    let bench = bench("[cached, value]");
    let of = |text: &str| TASK.replace("text: x", &format!("text: {text}"));
    bench.session(&of("much"), "large").expect(0);
    assert_eq!(kept(&bench).len(), 1);
    let mut config = fs::read_to_string(bench.path("fusebox.yaml")).unwrap();
    config.push_str("state: { cached: { max_output: 20B, max_outputs: 2 } }\n");
    bench.write("fusebox.yaml", config);
    let long = "l".repeat(40);
    well(&bench, &of(&long), "long");
    is_not_cached(failing(&bench, &of(&long), "too-long", &[]).task("a"), NOTHING);
    well(&bench, &of("x"), "second");
    assert_eq!(kept(&bench).len(), 2);
    well(&bench, &of("y"), "third");
    assert_eq!(kept(&bench).len(), 2);
    is_not_cached(failing(&bench, &of("much"), "oldest", &[]).task("a"), NOTHING);
    for text in ["x", "y"] {
        let task = failing(&bench, &of(text), &format!("kept-{text}"), &[]);
        is_cached(task.task("a"), &json!({ "echo": text }).to_string());
    }
}

#[test]
fn a_damaged_file_is_said_and_the_next_link_is_tried() {
    let bench = bench("[cached, value]");
    well(&bench, TASK, "one");
    let path = kept(&bench).pop().unwrap();
    fs::write(&path, "torn").unwrap();
    bench.write("session.yaml", format!("session: test\ntasks:\n{TASK}"));
    let fails = [
        "run",
        "session.yaml",
        "--out",
        "two",
        "--set=agents.chaos.retry.max_attempts=1",
    ];
    let ended = bench.fusebox(&fails).expect(3);
    assert!(ended.stderr.contains("is damaged"), "{}", ended.stderr);
    is_not_cached(bench.report("two").task("a"), "is damaged");
    // The next good one takes its place.
    well(&bench, TASK, "three");
    is_cached(failing(&bench, TASK, "four", &[]).task("a"), r#"{"echo":"x"}"#);
}

#[test]
fn a_whole_output_of_earlier_comes_before_a_part_of_this_one() {
    let bench = bench("[cached, value]");
    let task = TASK.replace("id: a,", "id: a, required: true, settings: { partial: true },");
    assert_eq!(
        failing(&bench, &task, "none", &[]).task("a")["partial"]["inline"],
        r#"{"echo":"x"}"#
    );
    well(&bench, &task, "one");
    let report = failing(&bench, &task, "two", &[]);
    is_cached(report.task("a"), r#"{"echo":"x"}"#);
    assert_eq!(report.task("a")["partial"], Value::Null);
    assert_eq!(report.0["session"]["status"], "degraded");
}

#[test]
fn an_answer_of_any_instance_is_one_and_a_new_secret_asks_nothing_new() {
    let config = |secret: &str, limits: &str| {
        format!(
            "agents:\n  shout:\n    plugin: {:?}\n    secrets: {{ key: {{ file: {secret} }} }}\n    \
             limits: {{ {limits} }}\n    degradation: {{ fallback: [cached] }}\n    instances:\n      \
             one: {{ settings: {{ n: 1 }} }}\n      two: {{ settings: {{ n: 2 }} }}\n",
            plugin("shout")
        )
    };
    let bench = Bench::with_config(&config("first", ""));
    bench.write("first", "hunter2-hunter2");
    bench.write("second", "hunter3-hunter3");
    let task = "- { id: a, agent: shout, input: { text: x } }\n";
    well(&bench, task, "one");
    bench.write("fusebox.yaml", config("second", "fuel: 1000"));
    bench.session(task, "two").expect(3);
    is_cached(bench.report("two").task("a"), "X");
}
