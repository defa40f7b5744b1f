//! Plans of boards, written out as text.

use serde_json::json;

use super::*;
use crate::board::owned::{reply_id, result_id};
use crate::board::tests::{board, rules, rules_when};
use crate::config::{EdgeRule, FixedOutput, OnUpstreamFailure, When, WhenEdge};
use fusebox_types::failure::Code;

fn node(id: &str, color: &str) -> serde_json::Value {
    json!({"id": id, "type": "text", "text": format!("text of {id}"), "color": color})
}

fn edge(from: &str, to: &str) -> serde_json::Value {
    json!({"fromNode": from, "toNode": to})
}

/// The tasks as `id(what it is handed)`, by the red rule.
fn plan(
    nodes: &[serde_json::Value],
    edges: &[serde_json::Value],
    pick: &Pick,
) -> Result<Vec<String>, BoardError> {
    let board = board(&json!({"nodes": nodes, "edges": edges}).to_string());
    let (graph, _) = board.graph(&rules(), pick, Path::new("."))?;
    Ok(shown(&graph))
}

fn shown(graph: &Graph) -> Vec<String> {
    let after = |dependency: &Dependency| match dependency {
        Dependency::Task { task: at, .. } => format!("task {}", graph.task(*at).unwrap().id),
        Dependency::Text { id, content } => {
            format!("{id}: {}", String::from_utf8_lossy(&content.bytes))
        }
    };
    let task = |task: &Task| {
        let after: Vec<_> = task.after.iter().map(after).collect();
        format!("{}({})", task.id, after.join(", "))
    };
    (0..graph.len() as u32)
        .map(|at| task(graph.task(at).unwrap()))
        .collect()
}

fn only(ids: &[&str]) -> Pick {
    Pick {
        only: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..Pick::default()
    }
}

#[test]
fn edges_hand_on_by_their_arrows_in_their_order_and_once() {
    let nodes = [
        node("a", "1"),
        node("b", "1"),
        node("n", ""),
        json!({"id": "g", "type": "group"}),
    ];
    let ends = |from: &str, to: &str, from_end: &str, to_end: &str| json!({"fromNode": from, "toNode": to, "fromEnd": from_end, "toEnd": to_end});
    let edges = [
        edge("n", "b"),
        ends("b", "a", "arrow", "none"),
        edge("a", "b"),
        ends("b", "n", "none", "none"),
        ends("a", "n", "arrow", "arrow"),
        edge("g", "a"),
        edge("a", "gone"),
    ];
    let found = plan(&nodes, &edges, &Pick::default()).unwrap();
    assert_eq!(found, ["a(n: text of n)", "b(n: text of n, task a)"]);
}

#[test]
fn circles_are_refused() {
    let nodes = [node("a", "1"), node("b", "1")];
    let both = json!({"fromNode": "a", "toNode": "b", "fromEnd": "arrow"});
    for edges in [
        vec![edge("a", "a")],
        vec![both],
        vec![edge("a", "b"), edge("b", "a")],
    ] {
        let error = plan(&nodes, &edges, &Pick::default()).unwrap_err();
        assert_eq!(error.code(), Code::SessionCycle, "{error}");
    }
}

#[test]
fn what_an_earlier_run_added_is_no_task_and_its_edges_mean_its_task() {
    let (result, reply) = (result_id("a"), reply_id("a"));
    let nodes = [
        node("a", "1"),
        node(&result, "1"),
        node("b", "1"),
        json!({"id": reply, "type": "text", "text": " ", "color": "1"}),
    ];
    let edges = [
        edge("a", &result),
        edge(&result, &reply),
        edge(&result, "b"),
        edge("a", "b"),
        edge(&reply, "b"),
    ];
    let found = plan(&nodes, &edges, &Pick::default()).unwrap();
    assert_eq!(found, ["a()", "b(task a)"]);
    // Outside the run a task is stood for by its result.
    let found = plan(&nodes, &edges[..4], &only(&["b"])).unwrap();
    assert_eq!(found, ["b(a: text of a)"], "a failure is no result");
    let nodes = [
        node("a", "1"),
        node(&result, "4"),
        node("b", "1"),
        node(&reply, "1"),
    ];
    let found = plan(&nodes, &edges, &only(&["b", &reply])).unwrap();
    let answer = format!("a: text of {result}");
    assert_eq!(
        found,
        [format!("b({answer}, task {reply})"), format!("{reply}({answer})")]
    );
}

#[test]
fn picks_narrow_the_rules_or_take_their_place() {
    let nodes = [
        node("a", "1"),
        node("b", "1"),
        node("c", "2"),
        json!({"id": "g", "type": "group", "color": "2"}),
    ];
    let edges = [edge("a", "b")];
    assert_eq!(plan(&nodes, &edges, &only(&["b"])).unwrap(), ["b(a: text of a)"]);
    let error = plan(&nodes, &edges, &only(&["b", "c", "nowhere"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no task of the board has the id `c`, `nowhere`"
    );
    assert_eq!(error.code(), Code::SessionUnknownTask);
    let hand = |color: Option<&str>, pick: Pick| Pick {
        agent: Some("x".into()),
        color: color.map(str::to_owned),
        ..pick
    };
    assert_eq!(
        plan(&nodes, &edges, &hand(Some("2"), Pick::default())).unwrap(),
        ["c()"]
    );
    assert_eq!(
        plan(&nodes, &edges, &hand(None, only(&["c", "b"]))).unwrap(),
        ["b(a: text of a)", "c()"]
    );
    for nothing in [hand(None, Pick::default()), hand(Some("9"), Pick::default())] {
        let error = plan(&nodes, &edges, &nothing).unwrap_err();
        assert_eq!(error.code(), Code::BoardNoTasks);
    }
}

#[test]
fn the_first_rule_that_fits_wins_and_its_prefix_is_not_input() {
    let some = |text: &str| Some(text.to_owned());
    let rules = rules_when(&[
        When {
            prefix: some("/ask"),
            ..When::default()
        },
        When {
            group: some("inbox"),
            kind: some("text"),
            ..When::default()
        },
        When {
            kind: some("link"),
            ..When::default()
        },
        When {
            kind: some("group"),
            ..When::default()
        },
        When {
            color: some("3"),
            ..When::default()
        },
    ]);
    let text = |id: &str, text: &str, x: i32| json!({"id": id, "type": "text", "text": text, "x": x, "y": 1, "width": 5, "height": 5, "color": "3"});
    let nodes = [
        json!({"id": "box", "type": "group", "label": "inbox", "x": 0, "y": 0, "width": 50, "height": 50, "color": "3"}),
        text("asked", "/ask \n why?", 1),
        text("inside", "hello", 1),
        text("outside", "hello", 100),
        json!({"id": "link", "type": "link", "url": "/ask"}),
        json!({"id": "chart", "type": "x-chart", "color": "3"}),
        json!({"type": "text", "text": "/ask who", "color": "3"}),
    ];
    let board = board(&json!({"nodes": nodes}).to_string());
    let (graph, _) = board.graph(&rules, &Pick::default(), Path::new(".")).unwrap();
    let tasks = (0..graph.len() as u32).map(|at| graph.task(at).unwrap());
    let found: Vec<_> = tasks
        .map(|task| {
            (
                &*task.id,
                graph.agent_of(task),
                &*task.input.content_type,
                str::from_utf8(&task.input.bytes).unwrap(),
            )
        })
        .collect();
    let expected = [
        ("box", "a3", "text/plain", "inbox"),
        ("asked", "a0", "text/markdown", "why?"),
        ("inside", "a1", "text/markdown", "hello"),
        ("outside", "a4", "text/markdown", "hello"),
        ("link", "a2", "text/plain", "/ask"),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        board.warnings()[0].to_string(),
        "node number 7 has no id; it stays on the board and takes no part"
    );
}

/// The closest word counts: the edge's, then the rule's of the node.
#[test]
fn edges_and_rules_say_what_a_failure_means() {
    let nodes = [node("a", "1"), node("b", "2"), node("c", "2")];
    let marked =
        |from: &str, to: &str, key: &str, value: &str| json!({"fromNode": from, "toNode": to, key: value});
    let edges = [
        marked("a", "b", "label", " optional "),
        marked("a", "b", "color", "6"),
        marked("b", "c", "color", "6"),
        edge("a", "c"),
    ];
    let mut rules = rules_when(&["1", "2"].map(|color| When {
        color: Some(color.into()),
        ..When::default()
    }));
    let edge_rule = |when, on_failure| EdgeRule { when, on_failure };
    rules.edges = vec![
        edge_rule(
            WhenEdge {
                label: Some("optional".into()),
                ..WhenEdge::default()
            },
            OnUpstreamFailure::RunDegraded,
        ),
        edge_rule(
            WhenEdge {
                color: Some("6".into()),
                ..WhenEdge::default()
            },
            OnUpstreamFailure::FailSession,
        ),
    ];
    rules.rules[0].required = true;
    rules.rules[0].fallback = Some(FixedOutput::Json(json!({"n": null})));
    rules.rules[1].on_upstream_failure = Some(OnUpstreamFailure::Fallback);
    let board = board(&json!({"nodes": nodes, "edges": edges}).to_string());
    let (graph, _) = board.graph(&rules, &Pick::default(), Path::new(".")).unwrap();
    let [a, b, c] = [0, 1, 2].map(|at| graph.task(at).unwrap());
    let on_failure = |task: &Task| -> Vec<_> {
        let edge = |dependency: &Dependency| match dependency {
            Dependency::Task { on_failure, .. } => *on_failure,
            Dependency::Text { .. } => None,
        };
        task.after.iter().map(edge).collect()
    };
    assert_eq!(on_failure(b), [Some(OnUpstreamFailure::RunDegraded)]);
    assert_eq!(on_failure(c), [Some(OnUpstreamFailure::FailSession), None]);
    assert_eq!((a.required, b.required), (true, false));
    assert_eq!(a.fallback.as_ref().unwrap().bytes, br#"{"n":null}"#);
    assert_eq!(c.on_upstream_failure, Some(OnUpstreamFailure::Fallback));
}
