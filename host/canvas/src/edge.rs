//! The edges of a canvas.

use std::collections::{HashMap, HashSet};

use crate::error::{CanvasError, CanvasWarning, Element};
use crate::spans::{Object, Span};

/// An edge. Its ends are places of nodes; none where it dangles.
#[derive(Debug)]
pub struct Edge {
    id: Option<Box<str>>,
    from: Option<usize>,
    to: Option<usize>,
    /// Whether there is an arrow at `to`.
    forward: bool,
    /// Whether there is an arrow at `from`.
    backward: bool,
    color: Option<Box<str>>,
    label: Option<Box<str>>,
}

impl Edge {
    /// Its colour, as the canvas writes it.
    pub fn color(&self) -> Option<&str> {
        self.color.as_deref()
    }

    /// Its label.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// From which node to which it leads: once for each arrow. An edge without
    /// arrows says that two nodes belong together and nothing of their order,
    /// so it hands nothing on.
    pub fn ways(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let ends = self.from.zip(self.to);
        let forward = ends.filter(|_| self.forward);
        let backward = ends.filter(|_| self.backward).map(|(from, to)| (to, from));
        forward.into_iter().chain(backward)
    }
}

/// The edges of the elements that can be read.
pub(crate) fn read_all(
    text: &str,
    items: &[Span],
    index: &HashMap<Box<str>, usize>,
    warnings: &mut Vec<CanvasWarning>,
) -> Vec<Edge> {
    let mut edges = Vec::with_capacity(items.len());
    for (number, item) in (1..).zip(items) {
        let object = Object::read(text, item.clone()).ok();
        let string = |key| object.as_ref().and_then(|object| object.string(text, key));
        let id = string("id").filter(|id| !id.is_empty());
        let owned = || id.as_deref().map(str::to_owned);
        let (from, to) = (string("fromNode"), string("toNode"));
        if from.is_none() || to.is_none() {
            warnings.push(CanvasWarning::Unreadable {
                kind: Element::Edge,
                number,
                id: owned(),
                why: "does not say which nodes it joins",
            });
        }
        for (end, node) in [("fromNode", &from), ("toNode", &to)] {
            let missing = node.as_ref().filter(|id| !index.contains_key(*id));
            warnings.extend(missing.map(|node| CanvasWarning::DanglingEdge {
                number,
                id: owned(),
                end,
                node: node.to_string(),
            }));
        }
        edges.push(Edge {
            from: from.and_then(|id| index.get(&id).copied()),
            to: to.and_then(|id| index.get(&id).copied()),
            // JSON Canvas: no arrow at the start and one at the end, unless said.
            forward: string("toEnd").is_none_or(|end| *end != *"none"),
            backward: string("fromEnd").is_some_and(|end| *end == *"arrow"),
            color: string("color"),
            label: string("label"),
            id,
        });
    }
    edges
}

/// The ids of all edges, those that dangle included.
pub(crate) fn ids(edges: &[Edge]) -> Result<HashSet<Box<str>>, CanvasError> {
    let mut ids = HashSet::with_capacity(edges.len());
    for id in edges.iter().filter_map(|edge| edge.id.as_ref()) {
        if !ids.insert(id.clone()) {
            return Err(CanvasError::DuplicateId {
                kind: Element::Edge,
                id: id.to_string(),
            });
        }
    }
    Ok(ids)
}
