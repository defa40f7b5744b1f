//! The demo board: the main job, end to end.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Bench, plugins, root};

#[test]
fn the_demo_board_ends_degraded_with_every_other_result_in_place() {
    plugins();
    let bench = Bench::with_config("{}");
    let config = root().join("config/fusebox.yaml");
    let board = root().join("config/boards/demo.canvas");
    let arguments = [
        "run",
        board.to_str().unwrap(),
        "--out",
        "out",
        "--config",
        config.to_str().unwrap(),
    ];
    let ended = bench.fusebox(&arguments).expect(3);
    let report = bench.report("out");
    assert!(report.tasks().len() >= 20);
    failures_are_named(&report.0, &ended.stdout);
    for task in report.tasks() {
        let id = task["id"].as_str().unwrap();
        let misbehaves = id.starts_with("chaos-") && id != "chaos-flaky";
        let expected = match id {
            "after-panic" => "skipped",
            "chaos-partial" => "degraded",
            _ if misbehaves => "failed",
            _ => "succeeded",
        };
        assert_eq!(task["status"], expected, "{id}");
    }
    results_are_on_the_board(&bench, report.tasks());
}

fn failures_are_named(report: &Value, printed: &str) {
    let tasks = report["tasks"].as_array().unwrap();
    let failures: Vec<_> = tasks
        .iter()
        .map(|task| &task["failure"])
        .filter(|failure| failure.is_object())
        .collect();
    let codes: BTreeSet<_> = failures
        .iter()
        .map(|failure| failure["code"].as_str().unwrap())
        .collect();
    for code in [
        "trap.panic",
        "limit.fuel",
        "limit.memory",
        "trap.stack-overflow",
        "invalid.output",
    ] {
        assert!(codes.contains(code), "{codes:?}");
        assert!(printed.contains(code), "{printed}");
    }
    for failure in failures {
        for field in ["category", "severity", "blame", "message"] {
            assert!(
                failure[field].as_str().is_some_and(|text| !text.is_empty()),
                "{failure}"
            );
        }
    }
    assert_eq!(printed.matches("do next").count(), codes.len());
    let recovery = report["recovery"].as_array().unwrap();
    assert!(recovery.len() >= codes.len());
    assert!(
        recovery
            .iter()
            .all(|option| option["command"].as_str().unwrap().starts_with("fusebox "))
    );
}

fn results_are_on_the_board(bench: &Bench, tasks: &[Value]) {
    let text = std::fs::read_to_string(bench.path("out/board.canvas")).unwrap();
    let board: Value = serde_json::from_str(&text).unwrap();
    let (nodes, edges) = (
        board["nodes"].as_array().unwrap(),
        board["edges"].as_array().unwrap(),
    );
    for task in tasks.iter().filter(|task| task["status"] != "skipped") {
        let edge = edges.iter().find(|edge| {
            edge["fromNode"] == task["id"] && edge["toNode"].as_str().unwrap().starts_with("fusebox-")
        });
        let result = &edge.unwrap_or_else(|| panic!("no edge from {}", task["id"]))["toNode"];
        let node = nodes.iter().find(|node| node["id"] == *result).unwrap();
        let text = node["text"].as_str().unwrap();
        match task["failure"]["code"].as_str() {
            Some(code) => assert!(text.contains(code), "{text}"),
            None => assert!(!text.is_empty()),
        }
    }
}
