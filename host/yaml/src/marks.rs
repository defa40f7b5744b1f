//! Where everything in a text stands.

use std::collections::HashMap;

use super::key::{KeyPath, Step};

/// A place in a text: line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub struct Marked {
    /// Its key; for an item of a list, the value itself.
    pub key: Place,
    /// The value.
    pub value: Place,
}

/// The places of all keys and values of a text. A tree, so that what is nested
/// deep takes no more room than what is not.
#[derive(Debug, Default)]
pub struct Marks {
    /// Of each value; the whole text is the first.
    pub(crate) places: Vec<Marked>,
    /// Which value is which step below which.
    pub(crate) below: HashMap<(usize, Step), usize>,
    /// Keys that are there again, with where they were first.
    pub duplicates: Vec<(KeyPath, Place, Place)>,
}

impl Marks {
    /// Where the key at a path stands, or what holds it.
    pub fn key(&self, path: &KeyPath) -> Option<Place> {
        self.nearest(path).map(|marked| marked.key)
    }

    /// Where the value at a path stands, or what holds it.
    pub fn value(&self, path: &KeyPath) -> Option<Place> {
        self.nearest(path).map(|marked| marked.value)
    }

    /// What an alias stands for has no place of its own: the alias has.
    fn nearest(&self, path: &KeyPath) -> Option<&Marked> {
        let below = |at: usize, step: &Step| self.below.get(&(at, step.clone())).copied();
        let at = path
            .steps()
            .iter()
            .try_fold(0, |at, step| below(at, step).ok_or(at));
        let (Ok(at) | Err(at)) = at;
        self.places.get(at)
    }

    pub(crate) fn add(&mut self, key: Place, value: Place) -> usize {
        self.places.push(Marked { key, value });
        self.places.len() - 1
    }
}
