//! Results on a board: first runs, later ones, and what people do in between.

use serde_json::{Value, json};

use super::*;
use crate::board::tests::{board, rules, shown};

const TASK: &str = r#"{"nodes":[{"id":"t","type":"text","text":"do","x":0,"y":0,"width":400,"height":60}]}"#;

fn node(text: &str, id: &str) -> Value {
    let board: Value = serde_json::from_str(text).unwrap();
    let mut nodes = board["nodes"].as_array().unwrap().iter();
    nodes.find(|node| node["id"] == id).unwrap().clone()
}

#[test]
fn a_second_run_changes_the_words_and_the_mark_and_nothing_else() {
    let id = result_id("t");
    let show = |text: &str, mark, words: &str| board(text).with_results(&[shown("t", mark, words)], &rules());
    let first = show(TASK, Mark::Result, "one");
    // The person moves it, colours it and has a program that adds a field.
    let moved = first.replace("\"x\":500,", "\"x\":-7.50, \"mine\":[1.0],\"color\" : \"5\",");
    assert_ne!(moved, first);
    assert_eq!(
        show(&moved, Mark::Partial, "two\n"),
        moved.replace("\"one\"", "\"two\\n\"")
    );
    assert_eq!(
        show(&moved, Mark::Failure, "one"),
        moved.replace("\"5\"", "\"1\"")
    );
    let failed = show(&first, Mark::Failure, "no");
    assert_eq!(node(&failed, &id)["color"], json!("1"));
    assert_eq!(show(&failed, Mark::Result, "one"), first);
    assert_eq!(show(&failed, Mark::Failure, "no"), failed);
    let edges: Value = serde_json::from_str(&failed).unwrap();
    assert_eq!(edges["edges"].as_array().unwrap().len(), 1);
}

#[test]
fn what_the_person_took_away_stays_away_and_a_lost_edge_is_found_again() {
    let id = result_id("t");
    let rules = BoardRules {
        reply: true,
        ..rules()
    };
    let show = |text: &str| board(text).with_results(&[shown("t", Mark::Result, "one")], &rules);
    let first = show(TASK);
    let mut value: Value = serde_json::from_str(&first).unwrap();
    value["edges"] = json!([]);
    let without_edges = value.to_string();
    assert_eq!(show(&without_edges), without_edges);
    let mut value: Value = serde_json::from_str(&first).unwrap();
    value["nodes"]
        .as_array_mut()
        .unwrap()
        .retain(|node| node["id"] != id);
    let again: Value = serde_json::from_str(&show(&value.to_string())).unwrap();
    assert_eq!(
        (
            again["nodes"].as_array().unwrap().len(),
            again["edges"].as_array().unwrap().len()
        ),
        (3, 2)
    );
}

#[test]
fn a_reply_is_the_persons_and_a_failure_has_none() {
    let rules = BoardRules {
        reply: true,
        ..rules()
    };
    let show = |text: &str, mark| board(text).with_results(&[shown("t", mark, "x")], &rules);
    let failed = show(TASK, Mark::Failure);
    assert!(!failed.contains(&reply_id("t")));
    let first = show(TASK, Mark::Result);
    let written = first.replace("\"text\":\"\"", "\"text\":\"but why?\"");
    assert_eq!(show(&written, Mark::Result), written);
    assert_eq!(node(&written, &reply_id("t"))["text"], json!("but why?"));
    let (result, reply) = (node(&first, &result_id("t")), node(&first, &reply_id("t")));
    let bottom = result["y"].as_i64().unwrap() + result["height"].as_i64().unwrap();
    assert_eq!(reply["y"].as_i64().unwrap(), bottom + 20);
}

#[test]
fn results_of_stacked_tasks_do_not_overlap_anything() {
    let tasks = |n: usize| json!({"id": format!("t{n}"), "type": "text", "text": "", "x": 0.5, "y": n * 70, "width": 400, "height": 60});
    let nodes: Vec<_> = (0..40).map(tasks).collect();
    let ids: Vec<_> = (0..40).map(|n| format!("t{n}")).collect();
    let text = json!({"nodes": nodes}).to_string();
    let shown: Vec<_> = ids
        .iter()
        .map(|id| shown(id, Mark::Result, &"long ".repeat(id.len() * 40)))
        .collect();
    let spliced = board(&text).with_results(
        &shown,
        &BoardRules {
            reply: true,
            ..rules()
        },
    );
    let rects: Vec<_> = board(&spliced)
        .canvas
        .nodes()
        .iter()
        .map(|node| node.rect)
        .collect();
    assert_eq!(rects.len(), 120);
    for (at, one) in rects.iter().enumerate() {
        for other in &rects[at + 1..] {
            let apart = one.x >= other.right()
                || other.x >= one.right()
                || one.y >= other.bottom()
                || other.y >= one.bottom();
            assert!(apart, "{one:?} {other:?}");
        }
    }
}

#[test]
fn a_guests_words_come_back_as_they_are_but_for_what_misleads() {
    let words = "# \"Title\"\\\n\t逆否命题 🙂 \u{1b}[31m\u{202e}</script>";
    let spliced = board(TASK).with_results(&[shown("t", Mark::Result, words)], &rules());
    let expected = words.replace(['\u{1b}', '\u{202e}'], "\u{fffd}");
    assert_eq!(node(&spliced, &result_id("t"))["text"], json!(expected));
}

#[test]
fn places_beyond_what_numbers_hold_are_still_numbers() {
    let far = TASK
        .replace("\"x\":0", "\"x\":-1e308")
        .replace("\"y\":0", "\"y\":1e300");
    let spliced = board(&far).with_results(&[shown("t", Mark::Failure, "")], &rules());
    let node = node(&spliced, &result_id("t"));
    assert_eq!(
        (&node["x"], &node["y"]),
        (
            &json!(-9_007_199_254_740_991_i64),
            &json!(9_007_199_254_740_991_i64)
        )
    );
}
