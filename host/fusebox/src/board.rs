//! Boards: JSON Canvas 1.0 documents whose nodes are tasks.
//!
//! A board belongs to a person and to the program that drew it. So it is never
//! written anew: `spans` says where things stand in its text, `results` says
//! what is added there, and `splice` adds it. Everything else stays byte for
//! byte what it was, whether this host understands it or not.
//!
//! `document`, `node` and `edge` read; `owned` tells what an earlier run added;
//! `choose` and `tasks` make the session's graph; `save` puts the new text in
//! the place of the old.

mod backup;
mod choose;
mod content;
mod document;
mod edge;
mod error;
mod groups;
mod node;
mod owned;
mod place;
mod results;
mod save;
mod spans;
mod splice;
mod style;
mod tasks;
mod words;

pub use choose::Pick;
pub use error::{BoardError, BoardWarning, Element};
pub use results::{Mark, Shown};
pub use save::{SaveError, save};

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::config::BoardRules;
use crate::session::Graph;
use document::Document;
use edge::Edge;
use fusebox_types::digest::Digest;
use node::Node;

/// The largest board that is read, in bytes. People's boards have some
/// megabytes at most; what is larger is no board, or is meant to do harm.
const MAX_BYTES: u64 = 64 << 20;

/// A board: its text, untouched, and what was understood of it.
#[derive(Debug)]
pub struct Board {
    text: String,
    document: Document,
    /// One for each element of `nodes`, in order.
    nodes: Vec<Node>,
    /// Those that can be read, in order.
    edges: Vec<Edge>,
    /// Where the node with an id is among `nodes`.
    index: HashMap<Box<str>, usize>,
    edge_ids: HashSet<Box<str>>,
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
        let bytes = fusebox_system::regular::read(path, MAX_BYTES).map_err(failed)?;
        let digest = Digest::of(&bytes);
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let before = error.as_bytes().get(..valid).unwrap_or_default();
            BoardError::at(&String::from_utf8_lossy(before), valid, "this is not UTF-8")
        })?;
        Ok((Board::parse(text)?, digest))
    }

    /// Reads a board from its text.
    ///
    /// # Errors
    /// If it is no JSON object, `nodes` or `edges` is no array, or two nodes or
    /// two edges have the same id. Whatever else is wrong is a warning.
    pub fn parse(text: String) -> Result<Board, BoardError> {
        let document = Document::read(&text)?;
        let mut warnings = Vec::new();
        let nodes = node::read_all(&text, &document.nodes.items, &mut warnings);
        let index = node::index(&nodes)?;
        let edges = edge::read_all(&text, &document.edges.items, &index, &mut warnings);
        let edge_ids = edge::ids(&edges)?;
        Ok(Board {
            text,
            document,
            nodes,
            edges,
            index,
            edge_ids,
            warnings,
        })
    }

    /// The board's text, as it was read.
    pub fn text(&self) -> &str {
        &self.text
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
        splice::splice(&self.text, results::edits(self, shown, rules))
    }

    /// Where the node with an id is, and the node.
    fn find(&self, id: &str) -> Option<(usize, &Node)> {
        let at = *self.index.get(id)?;
        Some((at, self.nodes.get(at)?))
    }
}

#[cfg(test)]
mod tests;
