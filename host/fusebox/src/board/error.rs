//! What keeps a board from being run, and what only part of it.

use std::path::PathBuf;
use std::{fmt, io};

use super::spans;
use crate::session::GraphError;
use fusebox_types::failure::{Code, printable};

/// What can have an id on a board.
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

/// Why a board cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// The file cannot be read.
    #[error("cannot read the board {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
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
    /// No node is a task.
    #[error("no node of the board is a task")]
    NoTasks,
    /// Ids were picked that no task has.
    #[error("no task of the board has the id {}", quoted(.0))]
    UnknownTasks(Vec<String>),
    /// The tasks are no graph.
    #[error(transparent)]
    Graph(#[from] GraphError),
}

impl BoardError {
    /// The code that explains this error.
    pub fn code(&self) -> Code {
        match self {
            BoardError::Read { .. } | BoardError::Unreadable { .. } => Code::BoardUnreadable,
            BoardError::DuplicateId { .. } => Code::BoardDuplicateId,
            BoardError::NoTasks => Code::BoardNoTasks,
            BoardError::UnknownTasks(_) => Code::SessionUnknownTask,
            BoardError::Graph(error) => error.code(),
        }
    }

    /// Something unreadable at a position of the text.
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let (line, column) = spans::place(text, offset);
        BoardError::Unreadable {
            line,
            column,
            message: message.into(),
        }
    }
}

fn quoted(ids: &[String]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| format!("`{}`", printable(id))).collect();
    ids.join(", ")
}

/// What is wrong with a part of a board. The rest can run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoardWarning {
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
    /// A node's file could not be read. Its path is handed on as text.
    #[error(
        "node `{}`: the file `{}` is not read, only its path is handed on: {}",
        printable(node),
        printable(file),
        printable(why)
    )]
    FileNotRead {
        /// The node's id.
        node: String,
        /// The path, as the board writes it.
        file: String,
        /// Why not.
        why: String,
    },
}

/// An element's id, or its place where it has none.
fn name(id: Option<&str>, number: usize) -> String {
    id.map_or_else(|| format!("number {number}"), |id| format!("`{}`", printable(id)))
}
