//! Boards: JSON Canvas 1.0 documents whose nodes are tasks.
//!
//! A board belongs to a person and to the program that drew it. So it is never
//! written anew: `fusebox-canvas` reads it and changes it in place, and everything
//! else stays byte for byte what it was, whether this host understands it or not.
//!
//! `owned` tells what an earlier run added; `choose` and `tasks` make the session's
//! graph; `results` says what is added; `save` puts the new text in the place of
//! the old.

mod backup;
mod choose;
mod content;
mod error;
mod owned;
mod results;
mod save;
mod tasks;
mod words;

pub use choose::Pick;
pub use error::{BoardError, BoardWarning};
pub use fusebox_canvas::{CanvasError, CanvasWarning, Element};
pub use results::{Mark, Shown};
pub use save::{SaveError, save};

use std::path::Path;

use crate::config::BoardRules;
use crate::session::Graph;
use fusebox_canvas::Canvas;
use fusebox_types::digest::Digest;

/// The largest board that is read, in bytes. People's boards have some
/// megabytes at most; what is larger is no board, or is meant to do harm.
const MAX_BYTES: u64 = 64 << 20;

/// A board: a canvas whose nodes are tasks.
#[derive(Debug)]
pub struct Board {
    canvas: Canvas,
    warnings: Vec<BoardWarning>,
}

impl Board {
    /// Reads a board from a file, and gives the digest that [`save()`] asks for.
    ///
    /// # Errors
    /// If the file cannot be read or is not UTF-8, or as [`Board::parse`].
    pub fn read(path: &Path) -> Result<(Board, Digest), BoardError> {
        let failed = |source| BoardError::Read {
            path: path.to_owned(),
            source,
        };
        let bytes = fusebox_system::regular_file::read(path, MAX_BYTES).map_err(failed)?;
        let digest = Digest::of(&bytes);
        Ok((Canvas::from_bytes(bytes)?.into(), digest))
    }

    /// Reads a board from its text.
    ///
    /// # Errors
    /// If it is no JSON object, `nodes` or `edges` is no array, or two nodes or
    /// two edges have the same id. Whatever else is wrong is a warning.
    pub fn parse(text: String) -> Result<Board, BoardError> {
        Ok(Canvas::parse(text)?.into())
    }

    /// The board's text, as it was read.
    pub fn text(&self) -> &str {
        self.canvas.text()
    }

    /// What is not as it should be, but does not keep the rest from running.
    pub fn warnings(&self) -> &[BoardWarning] {
        &self.warnings
    }

    /// The board's tasks, by the rules or picked by hand. Files that nodes name
    /// are read from `folder` and those below it, and from nowhere else.
    ///
    /// # Errors
    /// If there are no tasks, a picked id is none, or they are no graph.
    pub fn graph(
        &self,
        rules: &BoardRules,
        pick: &Pick,
        folder: &Path,
    ) -> Result<(Graph, Vec<BoardWarning>), BoardError> {
        tasks::graph(self, rules, pick, folder)
    }

    /// The board's text with results put in. Everything that the host did not
    /// add, in this run or an earlier one, is byte for byte what it was. A task
    /// that is not on the board is passed over.
    pub fn with_results(&self, shown: &[Shown<'_>], rules: &BoardRules) -> String {
        results::changes(self, shown, rules).apply()
    }
}

impl From<Canvas> for Board {
    fn from(canvas: Canvas) -> Self {
        Self {
            warnings: canvas.warnings().iter().cloned().map(Into::into).collect(),
            canvas,
        }
    }
}

#[cfg(test)]
mod tests;
