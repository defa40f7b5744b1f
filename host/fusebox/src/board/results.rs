//! From results to edits of the board's text.

use std::collections::HashSet;

use serde_json::Value;

use super::node::{Kind, Node, Rect};
use super::owned::{edge_id, reply_id, result_id};
use super::place::{BELOW, BESIDE, Space};
use super::spans::Object;
use super::splice::{self, Edit};
use super::style::Style;
use super::{Board, words};
use crate::config::BoardRules;

/// What a task has come to, as the board shows it.
#[derive(Debug, Clone)]
pub struct Shown<'a> {
    /// The task's id.
    pub task: &'a str,
    /// How the node is marked.
    pub mark: Mark,
    /// The node's whole text, in Markdown. May hold a guest's words.
    pub text: String,
}

/// What kind of result it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A whole result.
    Result,
    /// What there is of one.
    Partial,
    /// None: the text says why, and what to do.
    Failure,
}

/// JSON Canvas's red.
const RED: &str = "1";
/// The least width of a node that takes its width from the task's.
const LEAST_WIDTH: f64 = 250.0;
/// The height of an empty node for a reply.
const REPLY_HEIGHT: f64 = 100.0;

/// The colour that tells a failure from a result.
pub(super) fn failure_color(rules: &BoardRules) -> &str {
    rules.failure.color.as_deref().unwrap_or(RED)
}

/// The edits that put results on a board. A task's result from an earlier run
/// gets the new text and stays otherwise as the person has left it; what the
/// person has taken away beside it, such as its edge, stays away.
pub(super) fn edits(board: &Board, shown: &[Shown<'_>], rules: &BoardRules) -> Vec<Edit> {
    let mut writer = Writer::new(board, rules);
    let mut seen = HashSet::new();
    for shown in shown {
        if let Some((at, task)) = board.find(shown.task)
            && seen.insert(at)
        {
            writer.show(task, shown);
        }
    }
    writer.finish()
}

struct Writer<'a> {
    board: &'a Board,
    rules: &'a BoardRules,
    space: Space,
    node_style: Style<'a>,
    edge_style: Style<'a>,
    nodes: Vec<String>,
    edges: Vec<String>,
    edits: Vec<Edit>,
}

impl<'a> Writer<'a> {
    fn new(board: &'a Board, rules: &'a BoardRules) -> Self {
        let document = &board.document;
        let (nodes, edges) = (&document.nodes, &document.edges);
        Self {
            board,
            rules,
            space: Space::of(&board.nodes),
            node_style: Style::of(&board.text, document, nodes, edges),
            edge_style: Style::of(&board.text, document, edges, nodes),
            nodes: Vec::new(),
            edges: Vec::new(),
            edits: Vec::new(),
        }
    }

    fn finish(mut self) -> Vec<Edit> {
        let document = &self.board.document;
        let additions = [
            (&document.nodes, &self.node_style, &*self.nodes),
            (&document.edges, &self.edge_style, &*self.edges),
        ];
        self.edits
            .extend(splice::append(&self.board.text, document, &additions));
        self.edits
    }

    fn show(&mut self, task: &Node, shown: &Shown<'_>) {
        let text = words::for_board(&shown.text);
        let (id, reply) = (result_id(shown.task), reply_id(shown.task));
        let rect = match self.board.find(&id) {
            Some((at, node)) => {
                self.rewrite(at, node, &text, shown.mark);
                node.rect
            }
            None => {
                let rect = self.add_result(&id, task, &text, shown.mark);
                self.add_edge(shown.task, &id, ["right", "left"]);
                rect
            }
        };
        // There is nothing to reply to where there is no result.
        let wanted = self.rules.reply && shown.mark != Mark::Failure;
        if wanted && self.board.find(&reply).is_none() {
            self.add_reply(&reply, &rect);
            self.add_edge(&id, &reply, ["bottom", "top"]);
        }
    }

    fn add_result(&mut self, id: &str, task: &Node, text: &str, mark: Mark) -> Rect {
        let (style, color) = match mark {
            Mark::Failure => (&self.rules.failure, Some(failure_color(self.rules))),
            Mark::Result | Mark::Partial => (&self.rules.result, self.rules.result.color.as_deref()),
        };
        let width = style
            .width
            .map_or(task.rect.width.max(LEAST_WIDTH), f64::from)
            .round();
        let height = style.height.map_or_else(|| words::height(text, width), f64::from);
        let wanted = Rect {
            x: (task.rect.right() + BESIDE).round(),
            y: task.rect.y.round(),
            width,
            height,
        };
        self.add_node(id, text, color, wanted)
    }

    fn add_reply(&mut self, id: &str, result: &Rect) {
        let wanted = Rect {
            x: result.x.round(),
            y: (result.bottom() + BELOW).round(),
            width: result.width.round().max(LEAST_WIDTH),
            height: REPLY_HEIGHT,
        };
        self.add_node(id, "", None, wanted);
    }

    fn add_node(&mut self, id: &str, text: &str, color: Option<&str>, wanted: Rect) -> Rect {
        let rect = self.space.take(wanted);
        let mut members = vec![
            ("id", string(id)),
            ("type", string("text")),
            ("text", string(text)),
            ("x", integer(rect.x)),
            ("y", integer(rect.y)),
            ("width", integer(rect.width)),
            ("height", integer(rect.height)),
        ];
        members.extend(color.map(|color| ("color", string(color))));
        self.nodes.push(self.node_style.object(&members));
        rect
    }

    fn add_edge(&mut self, from: &str, to: &str, [from_side, to_side]: [&str; 2]) {
        let id = edge_id(from, to);
        // One that has lost its end is there still, and finds it again.
        if self.board.edge_ids.contains(&*id) {
            return;
        }
        let members = [
            ("id", string(&id)),
            ("fromNode", string(from)),
            ("fromSide", string(from_side)),
            ("toNode", string(to)),
            ("toSide", string(to_side)),
        ];
        self.edges.push(self.edge_style.object(&members));
    }

    /// Gives a result from an earlier run its new text and mark. Its place, its
    /// size, fields of other programs and a colour of the person's own stay.
    fn rewrite(&mut self, at: usize, node: &Node, text: &str, mark: Mark) {
        let source = &self.board.text;
        let span = self.board.document.nodes.items.get(at).cloned();
        let Some(object) = span.and_then(|span| Object::read(source, span).ok()) else {
            return;
        };
        if node.kind != Kind::Text {
            self.edits
                .push(splice::set(source, &object, "type", &string("text")));
        }
        // Compared as text: another program may have escaped it differently.
        if object.string(source, "text").as_deref() != Some(text) {
            self.edits
                .push(splice::set(source, &object, "text", &string(text)));
        }
        self.edits
            .extend(self.recolor(&object, node.color.as_deref(), mark));
    }

    /// Puts the mark of a failure on a node or takes it off. Any other colour is
    /// the result's already, or the person's.
    fn recolor(&self, object: &Object, color: Option<&str>, mark: Mark) -> Option<Edit> {
        let failure = failure_color(self.rules);
        let wanted = match mark {
            Mark::Failure => Some(failure),
            Mark::Result | Mark::Partial if color == Some(failure) => self.rules.result.color.as_deref(),
            Mark::Result | Mark::Partial => color,
        };
        let source = &self.board.text;
        match wanted {
            _ if wanted == color => None,
            Some(wanted) => Some(splice::set(source, object, "color", &string(wanted))),
            None => splice::remove(source, object, "color"),
        }
    }
}

fn string(text: &str) -> String {
    fusebox_system::json::harmless(&Value::from(text).to_string()).into_owned()
}

/// JSON Canvas has whole numbers, and its readers count them in doubles.
fn integer(number: f64) -> String {
    const EXACT: f64 = 9_007_199_254_740_991.0;
    format!("{:.0}", number.clamp(-EXACT, EXACT) + 0.0)
}

#[cfg(test)]
mod tests;
