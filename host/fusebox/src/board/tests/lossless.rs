//! What belongs to the person stays as it is, whatever is added.

use serde_json::{Value, json};

use super::{TASK, board, rules, shown, value_of};
use crate::board::{Board, Mark, owned, results};
use crate::config::BoardRules;
use fusebox_canvas::Edit;

/// A text with edits undone: what was put in is looked for where it has to be,
/// and what it replaced is put back.
fn undo(original: &str, mut edits: Vec<Edit>, spliced: &str) -> String {
    edits.sort_by_key(|edit| edit.at.start);
    let (mut restored, mut at, mut done) = (String::new(), 0, 0);
    for edit in edits {
        let kept = edit.at.start - done;
        restored.push_str(&spliced[at..at + kept]);
        at += kept;
        assert_eq!(&spliced[at..at + edit.text.len()], edit.text);
        at += edit.text.len();
        restored.push_str(&original[edit.at.clone()]);
        done = edit.at.end;
    }
    restored + &spliced[at..]
}

/// Adds results for these tasks for the first time, and checks that taking out
/// the added bytes gives the original back.
pub(super) fn add(text: &str, tasks: &[&str]) -> String {
    let board = board(text);
    let rules = BoardRules {
        reply: true,
        ..rules()
    };
    let shown: Vec<_> = tasks
        .iter()
        .map(|task| shown(task, Mark::Result, &format!("of {task}\n\"ü\"")))
        .collect();
    let edits = results::changes(&board, &shown, &rules).edits();
    for edit in &edits {
        let replaced = &text[edit.at.clone()];
        assert!(replaced.is_empty() || replaced == "null", "{edit:?}");
    }
    let spliced = board.with_results(&shown, &rules);
    assert_eq!(undo(text, edits, &spliced), text);
    let again = Board::parse(spliced.clone()).unwrap();
    assert_eq!(again.with_results(&shown, &rules), spliced);
    spliced
}

#[test]
fn whatever_the_board_holds_is_kept_to_the_byte() {
    let odd = r#"{ "id" : "odd","type":"x-chart", "x":1e3,"y":-0,"width":10.50,"height":1E+2,"a":[1,{"b":null}],"a":2,"n":12345678901234567890 }"#;
    let escaped = r#"{"id":"e\u0301","type":"text","text":"\u00e9\ud83d\ude42\/ 逆否命题","x":-10.5,"y":9e99,"styleAttributes":{}}"#;
    let boards = [
        format!("{{\"nodes\":[{TASK}],\"edges\":[]}}"),
        format!("{{\"nodes\":[{odd} ,\n{TASK}],\"edges\":[],\"metadata\":{{\"z\":1,\"z\":2}}}}\n\n"),
        format!("{{\n\t\"nodes\":[\n\t\t{TASK},\n\t\t{escaped}\n\t],\n\t\"edges\":[\n\t]\n}}"),
        format!("\u{feff}{{\r\n  \"edges\": null,\r\n  \"nodes\": [\r\n    {TASK}\r\n  ]\r\n}}\r\n"),
        format!("{{\"nodes\":[{TASK},{odd},7,null,[],{{}},\"x\"]}}"),
        format!(
            "{{\"edges\":[{{\"id\":\"e\",\"fromNode\":\"t\",\"toNode\":\"gone\",\"w\":1.0}}],\"nodes\":[{TASK}]}}"
        ),
    ];
    for text in &boards {
        let spliced = add(text, &["t"]);
        let (before, after) = (value_of(text), value_of(&spliced));
        let count = |board: &Value, key: &str| board[key].as_array().map_or(0, Vec::len);
        assert_eq!(count(&after, "nodes"), count(&before, "nodes") + 2, "{spliced}");
        assert_eq!(count(&after, "edges"), count(&before, "edges") + 2, "{spliced}");
        let result = &after["nodes"][count(&before, "nodes")];
        assert_eq!(result["text"], json!("of t\n\"ü\""));
        assert_eq!(result["id"], json!(owned::result_id("t")));
    }
}

#[test]
fn nothing_to_add_is_nothing_changed() {
    let texts = [
        "{}",
        "{ }\n",
        "{\"nodes\":null}",
        "{\"nodes\":[ ],\"edges\":[]}",
        "\u{feff}{\"a\":1}",
    ];
    for text in texts {
        assert_eq!(add(text, &["not on the board"]), text);
    }
}

#[test]
fn what_is_added_is_laid_out_as_its_neighbours() {
    let id = owned::result_id("t");
    let pretty = "{\r\n  \"nodes\": [\r\n    {\r\n      \"id\": \"t\",\r\n      \"type\": \"text\",\r\n      \"text\": \"\"\r\n    }\r\n  ]\r\n}";
    let spliced = add(pretty, &["t"]);
    assert!(spliced.contains(&format!(
        "    }},\r\n    {{\r\n      \"id\": \"{id}\",\r\n      \"type\""
    )));
    assert!(spliced.contains("\r\n  ],\r\n  \"edges\": [\r\n    {\r\n      \"id\""));
    assert!(spliced.ends_with("\"top\"\r\n    }\r\n  ]\r\n}"), "{spliced}");
    assert_eq!(spliced.matches('\n').count(), spliced.matches("\r\n").count());
    let compact = format!("{{\"nodes\":[{TASK}],\"edges\":[]}}");
    assert!(!add(&compact, &["t"]).replace("of t", "").contains(['\n', ' ']));
}
