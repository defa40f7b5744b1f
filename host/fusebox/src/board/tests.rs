//! Boards as a whole, and what the tests of the room share.

use serde_json::{Value, json};

use super::*;
use crate::config::{BoardStyle, Rule, When};

mod generated;
mod lossless;

/// Rules that make tasks of the red nodes.
pub(super) fn rules() -> BoardRules {
    rules_when(&[When {
        color: Some("1".into()),
        ..When::default()
    }])
}

/// One rule for each condition, for the agents `a0`, `a1` and so on.
pub(super) fn rules_when(when: &[When]) -> BoardRules {
    let rule = |(at, when): (usize, &When)| Rule {
        agent: format!("a{at}"),
        when: when.clone(),
        settings: serde_json::Map::new(),
        required: false,
        on_upstream_failure: None,
        fallback: None,
    };
    BoardRules {
        rules: when.iter().enumerate().map(rule).collect(),
        ..BoardRules::default()
    }
}

pub(super) fn board(text: &str) -> Board {
    Board::parse(text.to_owned()).unwrap()
}

pub(super) fn shown<'a>(task: &'a str, mark: Mark, text: &str) -> Shown<'a> {
    Shown {
        task,
        mark,
        text: text.to_owned(),
    }
}

fn value_of(text: &str) -> Value {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap()
}

const TASK: &str = r#"{"id":"t","type":"text","text":"do","x":0,"y":0,"width":400,"height":60,"color":"1"}"#;

#[test]
fn a_large_board_takes_well_below_a_second() {
    let node = |n: usize| {
        let (x, y) = (n % 70 * 300, n / 70 * 90);
        format!(
            "{{\"id\":\"n{n}\",\"type\":\"text\",\"text\":\"t {n}\",\"x\":{x},\"y\":{y},\"width\":250,\"height\":60,\"color\":\"1\"}}"
        )
    };
    let edge = |n: usize| {
        format!(
            "{{\"id\":\"e{n}\",\"fromNode\":\"n{n}\",\"toNode\":\"n{}\"}}",
            n + 1
        )
    };
    let nodes: Vec<_> = (0..5000).map(node).collect();
    let edges: Vec<_> = (0..4999).map(edge).collect();
    let text = format!(
        "{{\"nodes\":[{}],\"edges\":[{}]}}",
        nodes.join(","),
        edges.join(",")
    );
    let ids: Vec<_> = (0..5000).map(|n| format!("n{n}")).collect();
    let started = std::time::Instant::now();
    let board = board(&text);
    let (graph, _) = board.graph(&rules(), &Pick::default(), Path::new(".")).unwrap();
    assert_eq!(graph.len(), 5000);
    let spliced = lossless::add(&text, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    // An optimized build takes a twentieth of this; what is quadratic, minutes.
    let took = started.elapsed();
    assert!(took.as_secs() < 10, "{took:?}");
    assert_eq!(value_of(&spliced)["nodes"].as_array().unwrap().len(), 15_000);
}

#[test]
fn a_file_is_read_whole_or_says_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b.canvas");
    std::fs::write(&path, "\u{feff}{}").unwrap();
    let (board, digest) = Board::read(&path).unwrap();
    assert_eq!(
        (board.text(), digest),
        ("\u{feff}{}", Digest::of("\u{feff}{}".as_bytes()))
    );
    std::fs::write(&path, b"{\n\"a\": \"\xe7\x95\x8c\xff\"}").unwrap();
    let error = Board::read(&path).unwrap_err();
    assert_eq!(error.to_string(), "line 2, column 8: this is not UTF-8");
    assert!(matches!(
        Board::read(dir.path()).unwrap_err(),
        BoardError::Read { .. }
    ));
}

#[test]
fn styles_of_the_configuration_are_kept_to() {
    let rules = BoardRules {
        result: BoardStyle {
            color: Some("#ff8800".into()),
            width: Some(333),
            height: Some(77),
        },
        ..rules()
    };
    let text = format!("{{\"nodes\":[{TASK}]}}");
    let spliced = board(&text).with_results(&[shown("t", Mark::Result, "x")], &rules);
    let node = &value_of(&spliced)["nodes"][1];
    let expected = json!({"id": owned::result_id("t"), "type": "text", "text": "x", "x": 500, "y": 0,
        "width": 333, "height": 77, "color": "#ff8800"});
    assert_eq!(*node, expected);
}
