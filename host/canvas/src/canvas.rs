//! A canvas: its text, and what was understood of it.

use std::collections::{HashMap, HashSet};

use crate::document::Document;
use crate::edge::{self, Edge};
use crate::error::{CanvasError, CanvasWarning};
use crate::node::{self, Node};

/// A canvas: its text, untouched, and what was understood of it.
#[derive(Debug)]
pub struct Canvas {
    pub(crate) text: String,
    pub(crate) document: Document,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// Where the node with an id is among `nodes`.
    index: HashMap<Box<str>, usize>,
    edge_ids: HashSet<Box<str>>,
    warnings: Vec<CanvasWarning>,
}

impl Canvas {
    /// Reads a canvas from the bytes of a file.
    ///
    /// # Errors
    /// If they are not UTF-8, or as [`Canvas::parse`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, CanvasError> {
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let before = error.as_bytes().get(..valid).unwrap_or_default();
            let why = match fusebox_system::text::is_utf16(error.as_bytes()) {
                true => "this is a text in UTF-16; save it as UTF-8",
                false => "this is not UTF-8",
            };
            CanvasError::at(&String::from_utf8_lossy(before), valid, why)
        })?;
        Self::parse(text)
    }

    /// Reads a canvas from its text.
    ///
    /// # Errors
    /// If it is no JSON object, `nodes` or `edges` is no array, or two nodes or
    /// two edges have the same id. Whatever else is wrong is a warning.
    pub fn parse(text: String) -> Result<Self, CanvasError> {
        let document = Document::read(&text)?;
        let mut warnings = Vec::new();
        let nodes = node::read_all(&text, &document.nodes.items, &mut warnings);
        let index = node::index(&nodes)?;
        let edges = edge::read_all(&text, &document.edges.items, &index, &mut warnings);
        let edge_ids = edge::ids(&edges)?;
        Ok(Self {
            text,
            document,
            nodes,
            edges,
            index,
            edge_ids,
            warnings,
        })
    }

    /// The text, as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// One node for each element of `nodes`, in order. What cannot be read of one is
    /// simply not there.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The edges that can be read, in order.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The ids of nodes, each with the node's place, in no order.
    pub fn ids(&self) -> impl Iterator<Item = (&str, usize)> {
        self.index.iter().map(|(id, at)| (&**id, *at))
    }

    /// Where the node with an id is, and the node.
    pub fn find(&self, id: &str) -> Option<(usize, &Node)> {
        let at = *self.index.get(id)?;
        Some((at, self.nodes.get(at)?))
    }

    /// Whether there is an edge with an id, one that dangles included.
    pub fn has_edge(&self, id: &str) -> bool {
        self.edge_ids.contains(id)
    }

    /// What is not as it should be, but does not keep the rest from being used.
    pub fn warnings(&self) -> &[CanvasWarning] {
        &self.warnings
    }
}
