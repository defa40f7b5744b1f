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

/// Changes a letter of a file.
fn damage(bench: &Bench, name: &str) {
    let changed = text(bench, name).replacen("\"text\":\"good\"", "\"text\":\"gold\"", 1);
    assert_ne!(changed, text(bench, name));
    bench.write(name, changed);
}

#[test]
fn a_board_that_is_lost_or_damaged_is_made_anew_from_the_original() {
    for is_lost in [true, false] {
        let bench = bench();
        let mut child = start(&bench, &["run", "b.canvas", "--out", "out"]);
        kill_after(&bench, &mut child, 2);
        let whole = text(&bench, "b.canvas");
        match is_lost {
            true => std::fs::remove_file(bench.path("out/source.canvas")).unwrap(),
            false => damage(&bench, "out/source.canvas"),
        }
        let resumed = bench.fusebox(&["resume", "out", QUICK]).expect(3);
        assert!(
            resumed
                .stderr
                .contains("out/source.canvas was lost or damaged, and was made anew from"),
            "{}",
            resumed.stderr
        );
        assert_eq!(text(&bench, "out/source.canvas"), whole);
        let board = text(&bench, "out/board.canvas");
        assert!(board.contains("GOOD") && !board.contains("gold"), "{board}");
    }
}

#[test]
fn a_board_that_nothing_is_left_of_is_said_before_anything_is_run_or_written() {
    let bench = bench();
    let mut child = start(&bench, &["run", "b.canvas", "--out", "out", "--write"]);
    kill_after(&bench, &mut child, 2);
    damage(&bench, "out/source.canvas");
    damage(&bench, "b.canvas");
    let (copy, original) = (text(&bench, "out/source.canvas"), text(&bench, "b.canvas"));
    let over = super::ended(&bench.path("out"));
    let refused = bench.fusebox(&["resume", "out", QUICK]).expect(65);
    for said in [
        "out/source.canvas",
        "is not what it was",
        "b.canvas has changed since",
        "resume out --salvage",
    ] {
        assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
    }
    assert_eq!(super::ended(&bench.path("out")), over);
    let salvaged = bench.fusebox(&["resume", "out", "--salvage", QUICK]).expect(3);
    assert!(
        salvaged.stderr.contains("the session resumes without a board"),
        "{}",
        salvaged.stderr
    );
    assert_eq!(bench.report("out").0["counts"]["succeeded"], 2);
    assert!(!bench.path("out/board.canvas").exists());
    assert_eq!(
        (text(&bench, "out/source.canvas"), text(&bench, "b.canvas")),
        (copy, original)
    );
}
