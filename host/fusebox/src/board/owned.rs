//! What this host has put on a board. The ids of its nodes and edges follow
//! from those of the tasks, so that a later run finds them again without a
//! mark in the document that another program could drop.

use std::collections::{HashMap, HashSet};

use super::Board;
use fusebox_canvas::Node;
use fusebox_types::digest::Digest;

/// What every id that this host gives begins with.
const PREFIX: &str = "fusebox-";

/// The id of a task's result.
pub(super) fn result_id(task: &str) -> String {
    id(&["result", task])
}

/// The id of the node in which a person may reply to a task's result.
pub(super) fn reply_id(task: &str) -> String {
    id(&["reply", task])
}

/// The id of an edge between two nodes.
pub(super) fn edge_id(from: &str, to: &str) -> String {
    id(&["edge", from, to])
}

fn id(parts: &[&str]) -> String {
    let digest = Digest::of(parts.join("\0").as_bytes()).to_string();
    let short = digest.get(..16).unwrap_or(&digest);
    format!("{PREFIX}{short}")
}

/// The nodes that an earlier run has added, and the tasks that they are of.
#[derive(Debug, Default)]
pub(super) struct Owned {
    /// From the place of a result to that of its task.
    task_of: HashMap<usize, usize>,
    /// The other way round.
    result_of: HashMap<usize, usize>,
    /// The replies that nobody has written in. One with something in it is a
    /// person's node like any other.
    empty_replies: HashSet<usize>,
}

impl Owned {
    pub(super) fn of(board: &Board) -> Self {
        let mut owned = Self::default();
        if !board.canvas.ids().any(|(id, _)| id.starts_with(PREFIX)) {
            return owned;
        }
        for (id, task) in board.canvas.ids() {
            if let Some((result, _)) = board.canvas.find(&result_id(id)) {
                owned.task_of.insert(result, task);
                owned.result_of.insert(task, result);
            }
            if let Some((reply, _)) = board
                .canvas
                .find(&reply_id(id))
                .filter(|(_, node)| is_empty(node))
            {
                owned.empty_replies.insert(reply);
            }
        }
        owned
    }

    /// Whether a node is this host's, and so never a task.
    pub(super) fn has(&self, node: usize) -> bool {
        self.task_of.contains_key(&node) || self.empty_replies.contains(&node)
    }

    /// The task that a result is of.
    pub(super) fn task_of(&self, result: usize) -> Option<usize> {
        self.task_of.get(&result).copied()
    }

    /// The result that a task has from an earlier run.
    pub(super) fn result_of(&self, task: usize) -> Option<usize> {
        self.result_of.get(&task).copied()
    }
}

fn is_empty(node: &Node) -> bool {
    node.content.as_deref().unwrap_or_default().trim().is_empty()
}
