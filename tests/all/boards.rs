//! Boards through the command: what the host did not add is as it was.

use serde_json::Value;

use crate::support::{Bench, plugin};

fn bench() -> Bench {
    let rules = "boards:\n  rules: [{ agent: shout, when: { prefix: '@shout' } }]\n";
    Bench::with_config(&format!(
        "agents: {{ shout: {{ plugin: {:?} }} }}\n{rules}",
        plugin("shout")
    ))
}

/// Unknown node types and fields, floats, escapes, odd layout, CRLF.
const HARD: &str = "\u{feff}{\r\n  \"version\": 1.0e0, \"nodes\": [\r\n    {\"id\":\"t\",\"type\":\"text\",\"text\":\"@shout h\\u00e9llo 世界\",\"x\":0.50,\"y\":-0,\"width\":1e2,\"height\":60,\"mine\":{\"a\":[1.10, 2]}},\r\n    {\"id\":\"odd\",\"type\":\"x-quiz\", \"answer\" : null ,\"x\":1,\"y\":2,\"width\":3,\"height\":4}\r\n  ],\r\n  \"edges\":[{\"id\":\"e\",\"fromNode\":\"odd\",\"toNode\":\"t\",\"weight\":0.30000000000000004}],\r\n  \"metadata\": {\"zoom\": 1.250}\r\n}";

/// The text with the elements of ours taken out again.
fn without_ours(text: &str) -> String {
    let mut rest = text.to_owned();
    while let Some(at) = rest
        .find("\"id\":\"fusebox-")
        .or_else(|| rest.find("\"id\": \"fusebox-"))
    {
        let open = rest[..at].rfind('{').unwrap();
        let from = rest[..open].rfind(',').unwrap();
        let close = open + element_end(&rest[open..]);
        rest.replace_range(from..close, "");
    }
    rest
}

/// Where a JSON object that starts at 0 ends.
fn element_end(text: &str) -> usize {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    stream.next().unwrap().unwrap();
    stream.byte_offset()
}

#[test]
fn a_hard_board_comes_back_byte_for_byte_with_its_result() {
    let bench = bench();
    bench.write("b.canvas", HARD);
    bench.fusebox(&["run", "b.canvas", "--out", "out"]).expect(0);
    let written = std::fs::read_to_string(bench.path("out/board.canvas")).unwrap();
    assert!(written.contains("HÉLLO 世界"), "{written}");
    assert_eq!(without_ours(&written), HARD);
    assert_eq!(
        std::fs::read_to_string(bench.path("b.canvas")).unwrap(),
        HARD,
        "the original was touched"
    );
}

#[test]
fn write_changes_the_original_keeps_a_backup_and_can_be_repeated() {
    let bench = bench();
    bench.write("b.canvas", HARD);
    bench
        .fusebox(&["run", "b.canvas", "--out", "one", "--write"])
        .expect(0);
    let first = std::fs::read_to_string(bench.path("b.canvas")).unwrap();
    assert_eq!(without_ours(&first), HARD);
    bench
        .fusebox(&["run", "b.canvas", "--out", "two", "--write"])
        .expect(0);
    assert_eq!(std::fs::read_to_string(bench.path("b.canvas")).unwrap(), first);
    let backups = std::fs::read_dir(bench.path("")).unwrap();
    let names: Vec<_> = backups
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        names
            .iter()
            .filter(|name| name.starts_with("b.canvas.bak-"))
            .count(),
        1,
        "{names:?}"
    );
}

#[test]
fn nodes_are_picked_by_hand() {
    let bench = bench();
    let node = |id: &str, color: &str| {
        format!(
            r#"{{"id":"{id}","type":"text","text":"{id}","x":0,"y":0,"width":9,"height":9,"color":"{color}"}}"#
        )
    };
    bench.write(
        "b.canvas",
        format!(
            r#"{{"nodes":[{},{},{}]}}"#,
            node("a", "6"),
            node("b", "6"),
            node("c", "1")
        ),
    );
    bench
        .fusebox(&[
            "run", "b.canvas", "--out", "color", "--agent", "shout", "--color", "6",
        ])
        .expect(0);
    assert_eq!(bench.report("color").tasks().len(), 2);
    bench
        .fusebox(&[
            "run", "b.canvas", "--out", "only", "--agent", "shout", "--only", "c",
        ])
        .expect(0);
    assert_eq!(bench.report("only").task("c")["output"]["inline"], "C");
    let ended = bench
        .fusebox(&["run", "b.canvas", "--agent", "shout", "--only", "zz"])
        .expect(2);
    assert!(ended.stderr.contains("`zz`"), "{}", ended.stderr);
}

#[test]
fn a_result_is_handed_on_along_an_edge() {
    let bench = bench();
    let board = r#"{"nodes":[
        {"id":"notes","type":"text","text":"plain notes","x":0,"y":0,"width":9,"height":9},
        {"id":"one","type":"text","text":"@shout first","x":0,"y":0,"width":9,"height":9},
        {"id":"two","type":"text","text":"@shout second","x":0,"y":0,"width":9,"height":9}],
        "edges":[{"id":"1","fromNode":"notes","toNode":"one"},{"id":"2","fromNode":"one","toNode":"two"}]}"#;
    bench.write("b.canvas", board);
    bench.fusebox(&["run", "b.canvas", "--out", "out"]).expect(0);
    let ended = bench.fusebox(&["run", "b.canvas", "--dry-run"]).expect(0);
    assert!(
        ended.stdout.contains("task two (shout) after one"),
        "{}",
        ended.stdout
    );
    let order: Vec<_> = bench
        .report("out")
        .tasks()
        .iter()
        .map(|task| task["id"].to_string())
        .collect();
    assert_eq!(order, ["\"one\"", "\"two\""]);
}
