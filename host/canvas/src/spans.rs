//! Where things stand in a JSON text. serde_json does the reading; the slices
//! that it borrows are turned into positions here.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A range of bytes of the text.
pub(crate) type Span = Range<usize>;

/// The byte order mark that some programs write first.
pub(crate) const BOM: char = '\u{feff}';

/// What JSON takes for white space; Rust takes more.
const WHITE: [char; 4] = [' ', '\t', '\n', '\r'];

/// An object of the text.
#[derive(Debug)]
pub(crate) struct Object {
    /// From its `{` to its `}`.
    pub(crate) span: Span,
    /// Keys and values in order, repeated keys included.
    pub(crate) members: Vec<(String, Span)>,
}

impl Object {
    pub(crate) fn read(text: &str, span: Span) -> Result<Self, serde_json::Error> {
        let Members(members) = serde_json::from_str(slice(text, &span))?;
        let located = members.into_iter().map(|(key, raw)| (key, locate(text, raw)));
        Ok(Self {
            members: located.collect(),
            span,
        })
    }

    /// The value of a key and its place among the members. The last one counts
    /// where a key is repeated, as in the programs that show boards.
    pub(crate) fn get(&self, key: &str) -> Option<(usize, &Span)> {
        let mut members = self.members.iter().enumerate().rev();
        members.find_map(|(at, (name, value))| (name == key).then_some((at, value)))
    }

    /// A key's value, if it is a string that can be read.
    pub(crate) fn string(&self, text: &str, key: &str) -> Option<Box<str>> {
        let (_, value) = self.get(key)?;
        serde_json::from_str(slice(text, value)).ok()
    }

    /// A key's value, if it is a finite number.
    pub(crate) fn number(&self, text: &str, key: &str) -> Option<f64> {
        let (_, value) = self.get(key)?;
        serde_json::from_str(slice(text, value)).ok()
    }

    /// Where a member ends before the one at `at`; the `{` for the first.
    pub(crate) fn end_before(&self, at: usize) -> usize {
        let before = at.checked_sub(1).and_then(|at| self.members.get(at));
        before.map_or(self.span.start + 1, |(_, value)| value.end)
    }
}

/// The elements of an array.
pub(crate) fn items(text: &str, span: &Span) -> Result<Vec<Span>, serde_json::Error> {
    let items: Vec<&RawValue> = serde_json::from_str(slice(text, span))?;
    Ok(items.into_iter().map(|raw| locate(text, raw)).collect())
}

/// The text of a span.
pub(crate) fn slice<'a>(text: &'a str, span: &Span) -> &'a str {
    text.get(span.clone()).unwrap_or_default()
}

/// The text without the mark and the white space around it, as a span.
pub(crate) fn body(text: &str) -> Span {
    let start = text.trim_start_matches(BOM).trim_start_matches(WHITE);
    let start = text.len() - start.len();
    start..text.trim_end_matches(WHITE).len().max(start)
}

/// The white space before the element or key that comes after `end`: after the
/// comma, if there is one.
pub(crate) fn lead(text: &str, end: usize) -> &str {
    let rest = text.get(end..).unwrap_or_default();
    let unspaced = rest.trim_start_matches(WHITE);
    let rest = unspaced.strip_prefix(',').unwrap_or(rest);
    let length = rest.len() - rest.trim_start_matches(WHITE).len();
    rest.get(..length).unwrap_or_default()
}

/// The white space right before a position.
pub(crate) fn trail(text: &str, end: usize) -> &str {
    let before = text.get(..end).unwrap_or_default();
    before
        .get(before.trim_end_matches(WHITE).len()..)
        .unwrap_or_default()
}

/// Line and column of a position, from 1, in characters.
pub(crate) fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..text.floor_char_boundary(offset)).unwrap_or_default();
    let before = before.trim_start_matches(BOM);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// The position that an error in a piece of JSON means.
pub(crate) fn offset(piece: &str, error: &serde_json::Error) -> usize {
    let lines = piece.split_inclusive('\n').take(error.line().saturating_sub(1));
    lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1)
}

/// Where a value that was borrowed from the text stands in it.
fn locate(text: &str, raw: &RawValue) -> Span {
    let start = raw.get().as_ptr().addr().saturating_sub(text.as_ptr().addr());
    start..start + raw.get().len()
}

/// What serde reads an [`Object`] as.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
