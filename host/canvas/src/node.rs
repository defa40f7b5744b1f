//! The nodes of a board, as far as this host has to know them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::error::{CanvasError, CanvasWarning, Element};
use crate::spans::{Object, Span};

/// The node types of JSON Canvas 1.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Kind {
    /// Words in Markdown.
    Text,
    /// A file by its path.
    File,
    /// An address.
    Link,
    /// A frame around other nodes.
    Group,
    /// A type of somebody else's, or none.
    #[default]
    Other,
}

impl Kind {
    /// Its name, and the key of what it shows.
    const NAMES: [(Kind, &'static str, &'static str); 4] = [
        (Kind::Text, "text", "text"),
        (Kind::File, "file", "file"),
        (Kind::Link, "link", "url"),
        (Kind::Group, "group", "label"),
    ];

    /// As the canvas writes it; none for others.
    pub fn name(self) -> Option<&'static str> {
        let mut names = Self::NAMES.into_iter();
        names.find_map(|(kind, name, _)| (kind == self).then_some(name))
    }
}

/// A rectangle in the canvas's units; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
}

impl Rect {
    /// The right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// The lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Whether another lies wholly within this one.
    pub fn holds(&self, other: &Rect) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && self.right() >= other.right()
            && self.bottom() >= other.bottom()
    }
}

/// A node. What cannot be read of it is simply not there.
#[derive(Debug, Default)]
pub struct Node {
    /// Its id, if it has one.
    pub id: Option<Box<str>>,
    /// Its type.
    pub kind: Kind,
    /// Its text, path, address or label, by its kind.
    pub content: Option<Box<str>>,
    /// Its colour, as the canvas writes it.
    pub color: Option<Box<str>>,
    /// Where it is.
    pub rect: Rect,
}

impl Node {
    fn read(text: &str, object: &Object) -> Node {
        let kind = object.string(text, "type").unwrap_or_default();
        let known = Kind::NAMES.into_iter().find(|(_, name, _)| **name == *kind);
        let number = |key| object.number(text, key).unwrap_or(0.0);
        Node {
            id: object.string(text, "id").filter(|id| !id.is_empty()),
            kind: known.map_or(Kind::Other, |(kind, _, _)| kind),
            content: known.and_then(|(_, _, key)| object.string(text, key)),
            color: object.string(text, "color"),
            rect: Rect {
                x: number("x"),
                y: number("y"),
                width: number("width").max(0.0),
                height: number("height").max(0.0),
            },
        }
    }

    /// What keeps it from taking part, if anything does.
    fn lack(&self, text: &str, object: &Object) -> Option<&'static str> {
        match self.kind {
            _ if self.id.is_none() => Some("has no id"),
            Kind::Other if object.string(text, "type").is_none() => Some("has no `type`"),
            Kind::Text if self.content.is_none() => Some("has no `text` that can be read"),
            Kind::File if self.content.is_none() => Some("has no `file` that can be read"),
            Kind::Link if self.content.is_none() => Some("has no `url` that can be read"),
            _ => None,
        }
    }
}

/// One node for each element, so that their places agree.
pub(crate) fn read_all(text: &str, items: &[Span], warnings: &mut Vec<CanvasWarning>) -> Vec<Node> {
    let mut nodes = Vec::with_capacity(items.len());
    for (number, item) in (1..).zip(items) {
        let object = Object::read(text, item.clone()).ok();
        let node = object
            .as_ref()
            .map_or_else(Node::default, |object| Node::read(text, object));
        let lack = object
            .as_ref()
            .map_or(Some("is no object"), |object| node.lack(text, object));
        warnings.extend(lack.map(|why| CanvasWarning::Unreadable {
            kind: Element::Node,
            number,
            id: node.id.as_deref().map(str::to_owned),
            why,
        }));
        nodes.push(node);
    }
    nodes
}

/// Where the node with an id is.
pub(crate) fn index(nodes: &[Node]) -> Result<HashMap<Box<str>, usize>, CanvasError> {
    let mut index = HashMap::with_capacity(nodes.len());
    for (at, node) in nodes.iter().enumerate() {
        let Some(id) = &node.id else { continue };
        match index.entry(id.clone()) {
            Entry::Vacant(free) => free.insert(at),
            Entry::Occupied(_) => {
                return Err(CanvasError::DuplicateId {
                    kind: Element::Node,
                    id: id.to_string(),
                });
            }
        };
    }
    Ok(index)
}
