//! What keeps a board from being run, and what only part of it.

use std::io;
use std::path::PathBuf;

use crate::session::GraphError;
use fusebox_canvas::{CanvasError, CanvasWarning};
use fusebox_types::failure::{Code, printable};

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
    /// It is no JSON Canvas document that can be read.
    #[error(transparent)]
    Canvas(#[from] CanvasError),
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
            BoardError::Read { .. } => Code::BoardUnreadable,
            BoardError::Canvas(error) => error.code(),
            BoardError::NoTasks => Code::BoardNoTasks,
            BoardError::UnknownTasks(_) => Code::SessionUnknownTask,
            BoardError::Graph(error) => error.code(),
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
    /// A node or an edge takes no part.
    #[error(transparent)]
    Canvas(#[from] CanvasWarning),
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
