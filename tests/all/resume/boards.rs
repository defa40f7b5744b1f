//! Boards of sessions that go on.

use serde_json::json;

use super::{kill_after, start};
use crate::support::{Bench, plugin};

fn bench() -> Bench {
    let (shout, chaos) = (plugin("shout"), plugin("chaos"));
    let bench = Bench::with_config(&format!(
        "agents:\n  shout: {{ plugin: {shout:?} }}\n  fails:\n    plugin: {chaos:?}\n    settings: {{ mode: error }}\n  \
         sleeps:\n    plugin: {chaos:?}\n    settings: {{ mode: sleep, ms: 3600000 }}\n    limits: {{ deadline: 2h }}\n\
         boards:\n  rules:\n    - {{ agent: shout, when: {{ color: \"4\" }} }}\n    - {{ agent: fails, when: {{ color: \"1\" }} }}\n    \
         - {{ agent: sleeps, when: {{ color: \"5\" }} }}\n"
    ));
    let node = |id: &str, color: &str, y: i32| json!({ "id": id, "type": "text", "text": id, "color": color, "x": 0, "y": y, "width": 250, "height": 60 });
    let board = json!({ "nodes": [node("good", "4", 0), node("bad", "1", 300), node("long", "5", 600)],
        "edges": [{ "id": "e", "fromNode": "good", "toNode": "long" }] });
    bench.write("b.canvas", board.to_string());
    bench
}

fn text(bench: &Bench, name: &str) -> String {
    std::fs::read_to_string(bench.path(name)).unwrap()
}

const QUICK: &str = "--set=agents.sleeps.settings.ms=0";
const MEND: &str = "--set=agents.fails.settings.mode=none";

#[test]
fn a_failures_mark_becomes_a_result_and_the_original_follows_if_the_run_wrote_to_it() {
    let bench = bench();
    let mut child = start(&bench, &["run", "b.canvas", "--out", "out", "--write"]);
    kill_after(&bench, &mut child, 2);
    bench.fusebox(&["resume", "out", QUICK]).expect(3);
    let marked = text(&bench, "out/board.canvas");
    assert!(
        marked.contains("**guest.chaos.error**") && marked.contains("GOOD"),
        "{marked}"
    );
    assert_eq!(text(&bench, "b.canvas"), marked);
    bench
        .fusebox(&["resume", "out", "--retry-failed", QUICK, MEND])
        .expect(0);
    let mended = text(&bench, "out/board.canvas");
    assert!(!mended.contains("chaos.error"), "{mended}");
    let original = text(&bench, "b.canvas");
    assert!(
        !original.contains("chaos.error") && original.contains("GOOD"),
        "{original}"
    );
}

#[test]
fn an_original_that_somebody_has_changed_is_not_written_over() {
    let bench = bench();
    let mut child = start(&bench, &["run", "b.canvas", "--out", "out", "--write"]);
    kill_after(&bench, &mut child, 2);
    let changed = text(&bench, "b.canvas")
        .replace("\"long\",\"type\"", "\"longer\",\"type\"")
        .replace("toNode\":\"long", "toNode\":\"longer");
    bench.write("b.canvas", &changed);
    let refused = bench.fusebox(&["resume", "out", QUICK]).expect(73);
    assert!(
        refused.stderr.contains("b.canvas has changed since"),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.contains("the new board is in out/board.canvas"),
        "{}",
        refused.stderr
    );
    assert_eq!(text(&bench, "b.canvas"), changed);
    assert!(text(&bench, "out/board.canvas").contains("GOOD"));
}
