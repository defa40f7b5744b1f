//! The edges of a board.

use std::collections::{HashMap, HashSet};

use super::error::{BoardError, BoardWarning, Element};
use super::spans::{Object, Span};
use crate::config::{EdgeRule, OnUpstreamFailure};

/// An edge. Its ends are places of nodes; none where it dangles.
#[derive(Debug)]
pub(super) struct Edge {
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
    /// What the first rule that fits says for a task at its end, when the one
    /// at its start has no result.
    pub(super) fn on_failure(&self, rules: &[EdgeRule]) -> Option<OnUpstreamFailure> {
        let same = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        let fits = |rule: &&EdgeRule| {
            same(&rule.when.color, self.color.as_deref())
                && same(&rule.when.label, self.label.as_deref().map(str::trim))
        };
        rules.iter().find(fits).map(|rule| rule.on_failure)
    }

    /// From which node to which it leads: once for each arrow. An edge without
    /// arrows says that two nodes belong together and nothing of their order,
    /// so it hands nothing on.
    pub(super) fn ways(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let ends = self.from.zip(self.to);
        let forward = ends.filter(|_| self.forward);
        let backward = ends.filter(|_| self.backward).map(|(from, to)| (to, from));
        forward.into_iter().chain(backward)
    }
}

/// The edges of the elements that can be read.
pub(super) fn read_all(
    text: &str,
    items: &[Span],
    index: &HashMap<Box<str>, usize>,
    warnings: &mut Vec<BoardWarning>,
) -> Vec<Edge> {
    let mut edges = Vec::with_capacity(items.len());
    for (number, item) in (1..).zip(items) {
        let object = Object::read(text, item.clone()).ok();
        let string = |key| object.as_ref().and_then(|object| object.string(text, key));
        let id = string("id").filter(|id| !id.is_empty());
        let owned = || id.as_deref().map(str::to_owned);
        let (from, to) = (string("fromNode"), string("toNode"));
        if from.is_none() || to.is_none() {
            warnings.push(BoardWarning::Unreadable {
                kind: Element::Edge,
                number,
                id: owned(),
                why: "does not say which nodes it joins",
            });
        }
        for (end, node) in [("fromNode", &from), ("toNode", &to)] {
            let missing = node.as_ref().filter(|id| !index.contains_key(*id));
            warnings.extend(missing.map(|node| BoardWarning::DanglingEdge {
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
pub(super) fn ids(edges: &[Edge]) -> Result<HashSet<Box<str>>, BoardError> {
    let mut ids = HashSet::with_capacity(edges.len());
    for id in edges.iter().filter_map(|edge| edge.id.as_ref()) {
        if !ids.insert(id.clone()) {
            return Err(BoardError::DuplicateId {
                kind: Element::Edge,
                id: id.to_string(),
            });
        }
    }
    Ok(ids)
}
