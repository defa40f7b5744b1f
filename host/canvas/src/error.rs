//! What keeps a canvas from being read, and what only part of it.

use std::fmt;

use crate::spans;
use fusebox_types::failure::{Code, printable};

/// What can have an id on a canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// An element of `nodes`.
    Node,
    /// An element of `edges`.
    Edge,
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Element::Node => "node",
            Element::Edge => "edge",
        })
    }
}

/// Why a canvas cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CanvasError {
    /// It is no JSON Canvas document.
    #[error("line {line}, column {column}: {}", printable(message))]
    Unreadable {
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// Two nodes, or two edges, have the same id.
    #[error("two {kind}s have the id `{}`", printable(id))]
    DuplicateId {
        /// Whether nodes or edges.
        kind: Element,
        /// The id.
        id: String,
    },
}

impl CanvasError {
    /// The code that explains this error.
    pub fn code(&self) -> Code {
        match self {
            Self::Unreadable { .. } => Code::BoardUnreadable,
            Self::DuplicateId { .. } => Code::BoardDuplicateId,
        }
    }

    /// Something unreadable at a position of the text.
    pub(crate) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let (line, column) = spans::place(text, offset);
        Self::Unreadable {
            line,
            column,
            message: message.into(),
        }
    }
}

/// What is wrong with a part of a canvas. The rest can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanvasWarning {
    /// A node or an edge lacks something. It is kept, but takes no part.
    #[error("{kind} {} {why}; it stays on the board and takes no part", name(id.as_deref(), *number))]
    Unreadable {
        /// Whether a node or an edge.
        kind: Element,
        /// Its place in the array, from 1.
        number: usize,
        /// Its id, if it has one.
        id: Option<String>,
        /// What it lacks.
        why: &'static str,
    },
    /// An edge begins or ends at a node that is not there. It hands nothing on.
    #[error("edge {}: its `{end}` names node `{}`, which is not on the board; it hands nothing on",
        name(id.as_deref(), *number), printable(node))]
    DanglingEdge {
        /// The edge's place in the array, from 1.
        number: usize,
        /// Its id, if it has one.
        id: Option<String>,
        /// `fromNode` or `toNode`.
        end: &'static str,
        /// The id that is not there.
        node: String,
    },
}

/// An element's id, or its place where it has none.
fn name(id: Option<&str>, number: usize) -> String {
    id.map_or_else(|| format!("number {number}"), |id| format!("`{}`", printable(id)))
}
