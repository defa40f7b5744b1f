//! Ids come from boards and are hostile: nothing is written outside of the
//! output directory, and they show up readably.

use crate::support::Bench;

#[test]
fn hostile_ids_write_nothing_outside_of_results_and_are_readable() {
    let bench = Bench::new("");
    let long = "x".repeat(4000);
    let ids = [
        "../../x",
        "/tmp/fusebox-was-here",
        long.as_str(),
        "a\u{1b}[31mred\u{7}",
        "line\nbreak",
        "\u{202e}txt",
    ];
    let text = "word ".repeat(100);
    let tasks: Vec<_> = ids
        .iter()
        .map(|id| serde_json::json!({"id": id, "agent": "shout", "input": {"text": text}}))
        .chain([serde_json::json!({"id": "bad\u{1b}[2J", "agent": "chaos", "settings": {"mode": "panic"}, "input": {"text": "x"}})])
        .collect();
    bench.write(
        "session.yaml",
        serde_json::json!({"session": "hostile", "tasks": tasks}).to_string(),
    );
    let ended = bench
        .fusebox(&["run", "session.yaml", "--out", "deep/out"])
        .expect(3);
    for name in ["x", "deep/x"] {
        assert!(!bench.path(name).exists());
    }
    assert!(!std::path::Path::new("/tmp/fusebox-was-here").exists());
    let files: Vec<_> = std::fs::read_dir(bench.path("deep/out/results"))
        .unwrap()
        .collect();
    assert_eq!(files.len(), ids.len());
    let shown = ended.stdout + &ended.stderr;
    assert!(shown.contains("bad\\u{1b}[2J"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'));
    let report = bench.report("deep/out");
    assert!(ids.iter().all(|id| report.task(id)["status"] == "succeeded"));
}
