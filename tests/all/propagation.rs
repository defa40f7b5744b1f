//! What becomes of tasks when others that they depend on have no result.

use serde_json::json;

use crate::support::{Bench, Report, plugin};

/// `fails` has nothing; the rest is said.
fn run(tasks: &str, code: i32) -> Report {
    let bench = Bench::new("");
    let fails = "- { id: fails, agent: chaos, settings: { mode: error }, input: { text: x }, fallback: { text: instead } }\n";
    bench.session(&format!("{fails}{tasks}"), "out").expect(code);
    bench.report("out")
}

#[test]
fn each_edge_says_what_becomes_of_its_task() {
    let report = run(
        "- { id: skipped, agent: shout, after: [fails], input: { text: x } }\n\
         - { id: degraded, agent: shout, after: [{ task: fails, on_failure: run-degraded }], input: { text: x } }\n\
         - { id: fallback, agent: outline, after: [{ task: fails, on_failure: fallback }], input: { text: x } }\n\
         - { id: apart, agent: shout, input: { text: x } }\n",
        3,
    );
    let status = |id: &str| report.task(id)["status"].as_str().unwrap();
    assert_eq!(
        ["skipped", "degraded", "fallback", "apart"].map(status),
        ["skipped", "succeeded", "succeeded", "succeeded"]
    );
    assert_eq!(report.task("skipped")["reason"], "dependency-failed");
}

/// As in a session file, by the label and the colour of edges and by the rules
/// that make nodes tasks.
#[test]
fn the_edges_of_a_board_say_what_becomes_of_their_tasks() {
    let rules = "boards:\n  rules:\n    \
         - { agent: chaos, when: { prefix: '@chaos' }, settings: { mode: error }, fallback: { text: instead } }\n    \
         - { agent: outline, when: { prefix: '@task' } }\n  edges:\n    \
         - { when: { label: optional }, on_failure: run-degraded }\n    \
         - { when: { color: '6' }, on_failure: fallback }\n";
    let [chaos, outline] = ["chaos", "outline"].map(plugin);
    let bench = Bench::with_config(&format!(
        "agents: {{ chaos: {{ plugin: {chaos:?} }}, outline: {{ plugin: {outline:?} }} }}\n{rules}"
    ));
    let node = |id: &str, text: &str| json!({ "id": id, "type": "text", "text": text, "x": 0, "y": 0, "width": 200, "height": 60 });
    let edge =
        |to: &str, key: &str, value: &str| json!({ "id": to, "fromNode": "fails", "toNode": to, key: value });
    let board = json!({
        "nodes": [node("fails", "@chaos"), node("plain", "@task a"), node("degraded", "@task b"), node("fallback", "@task c")],
        "edges": [edge("plain", "color", "1"), edge("degraded", "label", "optional"), edge("fallback", "color", "6")],
    });
    bench.write("b.canvas", board.to_string());
    bench.fusebox(&["run", "b.canvas", "--out", "out"]).expect(3);
    let report = bench.report("out");
    let status = |id: &str| report.task(id)["status"].as_str().unwrap();
    assert_eq!(
        ["fails", "plain", "degraded", "fallback"].map(status),
        ["failed", "skipped", "succeeded", "succeeded"]
    );
}

#[test]
fn an_edge_that_fails_the_session_leaves_tasks_that_do_not_depend_on_it_alone() {
    let report = run(
        "- { id: needs, agent: shout, after: [{ task: fails, on_failure: fail-session }], input: { text: x } }\n\
         - { id: apart, agent: shout, input: { text: x } }\n\
         - { id: later, agent: shout, after: [apart], input: { text: x } }\n",
        1,
    );
    assert_eq!(report.task("needs")["reason"], "fails-session");
    assert_eq!(report.0["session"]["status"], "failed");
    for id in ["apart", "later"] {
        assert_eq!(report.task(id)["status"], json!("succeeded"), "{id}");
    }
}
