//! From results to edits of the board's text.

use std::collections::HashSet;

use super::owned::{edge_id, reply_id, result_id};
use super::{Board, words};
use crate::config::BoardRules;
use fusebox_canvas::{BELOW, BESIDE, Canvas, Changes, NewEdge, NewNode, Node, Rect};

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

/// The changes that put results on a board. A task's result from an earlier run
/// gets the new text and stays otherwise as the person has left it; what the
/// person has taken away beside it, such as its edge, stays away.
pub(super) fn changes<'a>(board: &'a Board, shown: &[Shown<'_>], rules: &'a BoardRules) -> Changes<'a> {
    let mut writer = Writer {
        canvas: &board.canvas,
        rules,
        changes: Changes::of(&board.canvas),
    };
    let mut seen = HashSet::new();
    for shown in shown {
        if let Some((at, task)) = board.canvas.find(shown.task)
            && seen.insert(at)
        {
            writer.show(task, shown);
        }
    }
    writer.changes
}

struct Writer<'a> {
    canvas: &'a Canvas,
    rules: &'a BoardRules,
    changes: Changes<'a>,
}

impl Writer<'_> {
    fn show(&mut self, task: &Node, shown: &Shown<'_>) {
        let text = words::for_board(&shown.text);
        let (id, reply) = (result_id(shown.task), reply_id(shown.task));
        let rect = match self.canvas.find(&id) {
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
        if wanted && self.canvas.find(&reply).is_none() {
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
        let rect = Rect {
            x: (task.rect.right() + BESIDE).round(),
            y: task.rect.y.round(),
            width,
            height,
        };
        self.changes.add_text(&NewNode {
            id,
            text,
            color,
            rect,
        })
    }

    fn add_reply(&mut self, id: &str, result: &Rect) {
        let rect = Rect {
            x: result.x.round(),
            y: (result.bottom() + BELOW).round(),
            width: result.width.round().max(LEAST_WIDTH),
            height: REPLY_HEIGHT,
        };
        self.changes.add_text(&NewNode {
            id,
            text: "",
            color: None,
            rect,
        });
    }

    fn add_edge(&mut self, from: &str, to: &str, [from_side, to_side]: [&str; 2]) {
        self.changes.add_edge(&NewEdge {
            id: &edge_id(from, to),
            from,
            from_side,
            to,
            to_side,
        });
    }

    /// Gives a result from an earlier run its new text and mark. Its place, its
    /// size, fields of other programs and a colour of the person's own stay.
    fn rewrite(&mut self, at: usize, node: &Node, text: &str, mark: Mark) {
        self.changes.set_text(at, text);
        // The mark of a failure is put on or taken off. Any other colour is the
        // result's already, or the person's.
        let (color, failure) = (node.color.as_deref(), failure_color(self.rules));
        let wanted = match mark {
            Mark::Failure => Some(failure),
            Mark::Result | Mark::Partial if color == Some(failure) => self.rules.result.color.as_deref(),
            Mark::Result | Mark::Partial => color,
        };
        if wanted != color {
            self.changes.set_color(at, wanted);
        }
    }
}

#[cfg(test)]
mod tests;
