//! A JSON text as a flat tree: 16 bytes a node, strings left where they are.
//!
//! Why not `serde_json::Value`: it makes 100 bytes of every 5 in a list of
//! small objects, cannot be stopped while it reads, and takes its time again
//! when it is dropped. Here reading counts its steps and its memory, and
//! dropping is freeing three lists.

mod keys;
mod number;
mod order;
mod parse;
mod text;

pub(super) use number::Number;
pub(super) use order::{compare, scalars, sort};
pub(super) use parse::{read, skim};

use std::borrow::Cow;

/// A JSON text that has been read.
#[derive(Debug)]
pub(super) struct Document<'t> {
    input: Cow<'t, [u8]>,
    /// Strings that have escapes, without them.
    unescaped: Vec<u8>,
    /// Every value in the order of the text; in objects, keys before values.
    nodes: Vec<Node>,
    /// For every object the nodes of its keys, sorted, each key once.
    keys: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
enum Node {
    Null,
    Bool(bool),
    Int(i64),
    Large(u64),
    Float(f64),
    Plain { start: u32, len: u32 },
    Unescaped { start: u32, len: u32 },
    Array { end: u32, count: u32 },
    Object { end: u32, first: u32, count: u32 },
}

/// What kinds of values there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Null,
    Bool,
    Number,
    Text,
    Array,
    Object,
}

/// One value in a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'d> {
    document: &'d Document<'d>,
    /// Its number in the order of the text.
    pub(super) at: u32,
}

impl Document<'_> {
    pub(super) fn root(&self) -> Value<'_> {
        self.value(0)
    }

    pub(super) fn value(&self, at: u32) -> Value<'_> {
        Value { document: self, at }
    }

    /// Every value and every key.
    pub(super) fn values(&self) -> impl Iterator<Item = Value<'_>> {
        (0..index(self.nodes.len())).map(|at| self.value(at))
    }

    fn node(&self, at: u32) -> Node {
        self.nodes.get(at as usize).copied().unwrap_or(Node::Null)
    }
}

impl<'d> Value<'d> {
    pub(super) fn kind(self) -> Kind {
        match self.document.node(self.at) {
            Node::Null => Kind::Null,
            Node::Bool(_) => Kind::Bool,
            Node::Int(_) | Node::Large(_) | Node::Float(_) => Kind::Number,
            Node::Plain { .. } | Node::Unescaped { .. } => Kind::Text,
            Node::Array { .. } => Kind::Array,
            Node::Object { .. } => Kind::Object,
        }
    }

    pub(super) fn bool(self) -> Option<bool> {
        match self.document.node(self.at) {
            Node::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn number(self) -> Option<Number> {
        match self.document.node(self.at) {
            Node::Int(value) => Some(Number::Int(value.into())),
            Node::Large(value) => Some(Number::Int(value.into())),
            Node::Float(value) => Some(Number::Float(value)),
            _ => None,
        }
    }

    /// A string, as UTF-8.
    pub(super) fn text(self) -> Option<&'d [u8]> {
        let (of, start, len) = match self.document.node(self.at) {
            Node::Plain { start, len } => (&*self.document.input, start, len),
            Node::Unescaped { start, len } => (&*self.document.unescaped, start, len),
            _ => return None,
        };
        of.get(start as usize..)?.get(..len as usize)
    }

    /// How many items or members it has.
    pub(super) fn count(self) -> u32 {
        match self.document.node(self.at) {
            Node::Array { count, .. } | Node::Object { count, .. } => count,
            _ => 0,
        }
    }

    /// The number of what comes after all of it.
    pub(super) fn end(self) -> u32 {
        match self.document.node(self.at) {
            Node::Array { end, .. } | Node::Object { end, .. } => end,
            _ => self.at.saturating_add(1),
        }
    }

    /// The value after it in the text.
    pub(super) fn after(self) -> Self {
        self.document.value(self.end())
    }

    /// The first item or key, of a container that has one.
    pub(super) fn first(self) -> Self {
        self.document.value(self.at.saturating_add(1))
    }

    /// The whole that it is in.
    pub(super) fn root(self) -> Self {
        self.document.root()
    }

    /// The items of an array.
    pub(super) fn items(self) -> impl Iterator<Item = Value<'d>> {
        let count = if self.kind() == Kind::Array {
            self.count()
        } else {
            0
        };
        std::iter::successors(Some(self.first()), |item| Some(item.after())).take(count as usize)
    }

    /// The keys of an object, sorted; the value of each comes after it.
    pub(super) fn keys(self) -> impl Iterator<Item = Value<'d>> {
        let document = self.document;
        self.key_nodes().iter().map(move |at| document.value(*at))
    }

    /// The value of a key. It compares with some keys, as many as the length
    /// of their number.
    pub(super) fn find(self, name: &[u8]) -> Option<Value<'d>> {
        let keys = self.key_nodes();
        let text = |at: &u32| self.document.value(*at).text().unwrap_or_default();
        let place = keys.binary_search_by(|at| text(at).cmp(name)).ok()?;
        Some(self.document.value(*keys.get(place)?).after())
    }

    fn key_nodes(self) -> &'d [u32] {
        let Node::Object { first, count, .. } = self.document.node(self.at) else {
            return &[];
        };
        let keys = self.document.keys.get(first as usize..);
        keys.and_then(|keys| keys.get(..count as usize))
            .unwrap_or_default()
    }
}

/// Numbers of nodes and places fit: a text is at most `u32::MAX` bytes.
fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
