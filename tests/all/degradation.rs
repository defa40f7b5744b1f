//! What a task comes to when its retries have ended without a result: the chain
//! of fallbacks, link by link and in its order.

use serde_json::{Value, json};

use crate::resume::{kill_after, start_session};
use crate::support::{Bench, Report, plugin};

/// An agent `chaos` with this chain, and `shout` and `broken` beside it.
fn bench(chain: &str, more: &str) -> Bench {
    let (chaos, shout) = (plugin("chaos"), plugin("shout"));
    Bench::with_config(&format!(
        "defaults: {{ retry: {{ max_attempts: 2, base: 1ms }}, breaker: {{ mode: \"off\" }} }}\n\
         agents:\n  chaos:\n    plugin: {chaos:?}\n    degradation: {{ fallback: {chain} }}\n{more}\
         \x20 shout: {{ plugin: {shout:?} }}\n\
         \x20 broken: {{ plugin: {chaos:?}, settings: {{ mode: panic }} }}\n"
    ))
}

/// A task that fails for good.
const FAILS: &str =
    "- { id: a, agent: chaos, settings: { mode: error }, input: { text: x }, fallback: { text: mine } }\n";

fn run(chain: &str, tasks: &str, code: i32) -> (Bench, Report) {
    let bench = bench(chain, "");
    bench.session(tasks, "out").expect(code);
    let report = bench.report("out");
    (bench, report)
}

fn lines(task: &Value) -> Vec<&str> {
    let context = task["failure"]["context"].as_array().unwrap();
    let lines = context.iter().filter(|pair| pair[0] == "fallback");
    lines.map(|pair| pair[1].as_str().unwrap()).collect()
}

#[test]
fn a_value_stands_in_and_is_marked() {
    for (chain, expected) in [
        ("[value]", "mine"),
        ("[{ text: theirs }, value]", "theirs"),
        ("[{ json: [1] }]", "[1]"),
    ] {
        let (_, report) = run(chain, FAILS, 3);
        let task = report.task("a");
        assert_eq!(task["output"]["inline"], expected, "{chain}");
        assert_eq!(
            (&task["status"], &task["fallback"], &task["reason"]),
            (&json!("degraded"), &json!("value"), &json!("non-retryable"))
        );
        assert_eq!(task["failure"]["code"], "guest.chaos.error");
    }
}

#[test]
fn another_agent_runs_the_same_input_with_its_own_settings() {
    let (_, report) = run("[{ agent: broken }, { agent: shout }, value]", FAILS, 3);
    let task = report.task("a");
    assert_eq!(
        (&task["status"], &task["fallback"], &task["output"]["inline"]),
        (&json!("degraded"), &json!("agent:shout"), &json!("X"))
    );
    let attempts = task["attempts"].as_array().unwrap();
    let of = |attempt: &Value| (attempt["number"].as_u64().unwrap(), attempt["agent"].clone());
    let found: Vec<_> = attempts.iter().map(of).collect();
    let (broken, shout) = (json!("broken"), json!("shout"));
    // Its panic would be the same again.
    let expected = [(1, Value::Null), (2, broken), (3, shout)];
    assert_eq!(found, expected);
    let lines = lines(task);
    assert!(
        lines.len() == 1 && lines[0].contains("agent:broken") && lines[0].contains("trap.panic"),
        "{lines:?}"
    );
}

#[test]
fn another_instance_gives_the_whole_result() {
    let instances = "    instances:\n      one: { settings: { mode: error } }\n      two: { settings: { mode: error } }\n      well: {}\n";
    let bench = bench("[instance, instance, value]", instances);
    bench.session("- { id: a, agent: chaos, input: { text: x } }\n", "out");
    let report = bench.report("out");
    let task = report.task("a");
    assert_eq!(
        (&task["status"], &task["instance"]),
        (&json!("succeeded"), &json!("well"))
    );
    assert_eq!(task.get("fallback"), None);
}

#[test]
fn instances_are_tried_once_and_what_gave_nothing_leaves_its_line() {
    let (_, report) = run(
        "[instance, value]",
        FAILS.replace(", fallback: { text: mine }", "").as_str(),
        1,
    );
    let task = report.task("a");
    assert_eq!(task["status"], "failed");
    assert_eq!(
        lines(task),
        [
            "instance: every instance has tried it",
            "value: the task has no `fallback` of its own"
        ]
    );
}

#[test]
fn a_partial_result_comes_after_work_and_before_a_value() {
    let partial = FAILS.replace("mode: error", "mode: error, partial: true");
    let (_, report) = run("[{ agent: broken }, value]", &partial, 3);
    let task = report.task("a");
    assert_eq!((task.get("fallback"), &task["output"]), (None, &Value::Null));
    assert_eq!(task["partial"]["inline"], r#"{"echo":"x"}"#);
    let (_, report) = run("[{ agent: shout }, value]", &partial, 3);
    assert_eq!(report.task("a")["fallback"], "agent:shout");
}

#[test]
fn what_the_plugin_handed_in_stands_in_if_nothing_better_comes() {
    let task = |more: &str| {
        format!(
            "- {{ id: a, agent: chaos, settings: {{ mode: error, fallback: instead{more} }}, \
             input: {{ text: x }}, fallback: {{ text: mine }} }}\n"
        )
    };
    for (chain, more, output) in [
        ("[]", "", json!("{\"echo\":\"instead\"}")),
        ("[value]", "", json!("mine")),
        ("[skip]", "", Value::Null),
        ("[]", ", partial: true", Value::Null),
    ] {
        let code = if output.is_null() && more.is_empty() { 1 } else { 3 };
        let (_, report) = run(chain, &task(more), code);
        let task = report.task("a");
        assert_eq!(task["output"]["inline"], output, "{chain} {more}");
        assert_eq!(task["partial"].is_null(), more.is_empty());
    }
}

#[test]
fn skip_ends_the_chain_and_skips_what_depends_on_the_task() {
    let tasks = format!("{FAILS}- {{ id: b, agent: shout, after: [a], input: {{ text: x }} }}\n");
    let (_, report) = run("[skip, value]", &tasks, 1);
    assert_eq!(
        (&report.task("a")["status"], &report.task("b")["status"]),
        (&json!("failed"), &json!("skipped"))
    );
    let (_, report) = run("[value]", &tasks, 3);
    assert_eq!(report.task("b")["status"], "succeeded");
}

#[test]
fn a_required_task_with_a_fallback_leaves_its_session_degraded() {
    let required = FAILS.replace("id: a", "id: a, required: true");
    assert_eq!(run("[value]", &required, 3).1.0["session"]["status"], "degraded");
    assert_eq!(run("[]", &required, 1).1.0["session"]["status"], "failed");
}

#[test]
fn a_fallback_outlives_its_host_and_is_run_again_only_when_asked() {
    let sleeps = format!(
        "  sleeps: {{ plugin: {:?}, settings: {{ mode: sleep, ms: 3600000 }}, limits: {{ deadline: 2h }} }}\n",
        plugin("chaos")
    );
    let bench = bench("[{ agent: broken }, { agent: shout }]", &sleeps);
    let tasks = format!("{FAILS}- {{ id: long, agent: sleeps, after: [a], input: {{ text: x }} }}\n");
    let mut child = start_session(&bench, &tasks);
    kill_after(&bench, &mut child, 1);
    bench
        .fusebox(&["resume", "out", "--set=agents.sleeps.settings.ms=0"])
        .expect(3);
    let report = bench.report("out");
    let task = report.task("a");
    assert_eq!(
        (&task["status"], &task["fallback"], &task["output"]["inline"]),
        (&json!("degraded"), &json!("agent:shout"), &json!("X"))
    );
    let agents = task["attempts"].as_array().unwrap().iter();
    let agents: Vec<_> = agents.map(|attempt| attempt["agent"].clone()).collect();
    assert_eq!(agents, [Value::Null, json!("broken"), json!("shout")]);
    assert_eq!(lines(task).len(), 1);
    let mend = "--set=agents.chaos.degradation.fallback=[value]";
    bench
        .fusebox(&["resume", "out", "--retry-failed", mend])
        .expect(3);
    assert_eq!(bench.report("out").task("a")["fallback"], "value");
}

#[test]
fn a_board_says_what_stands_in() {
    let bench = bench("[{ agent: shout }]", "");
    let mut config = std::fs::read_to_string(bench.path("fusebox.yaml")).unwrap();
    config.push_str(
        "boards: { rules: [{ when: { color: \"1\" }, agent: chaos, settings: { mode: error } }] }\n",
    );
    bench.write("fusebox.yaml", config);
    let node = r#"{"nodes":[{"id":"n","type":"text","text":"x","x":0,"y":0,"width":100,"height":50,"color":"1"}],"edges":[]}"#;
    bench.write("b.canvas", node);
    bench.fusebox(&["run", "b.canvas", "--out", "out"]).expect(3);
    let board = std::fs::read_to_string(bench.path("out/board.canvas")).unwrap();
    assert!(board.contains("by the fallback `agent:shout`"), "{board}");
}

#[test]
fn an_agent_that_is_not_there_is_refused_by_its_place() {
    let ended = bench("[{ agent: shuot }]", "").session(FAILS, "out").expect(78);
    assert!(
        ended
            .stderr
            .contains("there is no agent `shuot`; did you mean `shout`?"),
        "{}",
        ended.stderr
    );
}

#[test]
fn what_is_handed_in_and_is_not_what_the_plugin_declares_is_dropped_and_the_report_says_why() {
    let (_, report) = run(
        "[]",
        "- { id: a, agent: chaos, settings: { mode: error, partial: true, fallback: instead, garbled: true }, input: { text: x } }\n",
        1,
    );
    let task = report.task("a");
    assert_eq!(
        (&task["status"], &task["output"]),
        (&json!("failed"), &Value::Null)
    );
    let context = task["failure"]["context"].as_array().unwrap();
    let said = |what: &str| {
        let line = context.iter().find(|line| line[0] == what).unwrap();
        line[1].as_str().unwrap().to_owned()
    };
    for (what, begins) in [
        (
            "partial",
            "a partial result was not kept: the output is text/plain",
        ),
        (
            "fallback",
            "what was handed in was not kept: the output is text/plain",
        ),
    ] {
        assert!(said(what).starts_with(begins), "{context:?}");
    }
}
