//! From the text of a schema to rules: every schema in it once, references
//! resolved, nothing left to find out while a value is checked.

mod arguments;
mod cycles;
mod keywords;
mod plain;
mod pointer;

use std::borrow::Cow;
use std::collections::HashMap;

use futures_util::FutureExt;

use super::json::{self, Document, Kind, Value};
use super::keyword::{Id, Keyword};
use super::pattern::{Pattern, Patterns};
use super::{MAX_BYTES, MAX_DEPTH, Misfit, place};
use crate::sandbox::pace::Pace;

/// A schema that has been read.
#[derive(Debug)]
pub(super) struct Rules {
    /// Its text, for the values in it.
    pub(super) document: Document<'static>,
    /// What each schema in it asks; the first is the whole.
    pub(super) schemas: Vec<Vec<Keyword>>,
    pub(super) patterns: Vec<Pattern>,
}

/// Reads a schema.
pub(super) fn read(text: &str) -> Result<Rules, String> {
    if text.len() > MAX_BYTES {
        return Err(format!(
            "a schema of {} bytes, {MAX_BYTES} are the limit",
            text.len()
        ));
    }
    let document = document(text).map_err(|error| format!("a schema that cannot be read: {error}"))?;
    check_depth(&document)?;
    let (schemas, patterns, places) = rules(&document)?;
    cycles::check(&schemas, |id| {
        shown(document.value(places.get(id as usize).copied().unwrap_or(0)))
    })?;
    Ok(Rules {
        schemas,
        patterns,
        document,
    })
}

type Read = (Vec<Vec<Keyword>>, Vec<Pattern>, Vec<u32>);

fn rules(document: &Document<'static>) -> Result<Read, String> {
    let mut reader = Reader {
        anchors: pointer::anchors(document)?,
        apart: pointer::apart(document),
        document,
        ids: HashMap::new(),
        places: Vec::new(),
        patterns: Patterns::default(),
    };
    reader.schema(document.root())?;
    let mut schemas: Vec<Vec<Keyword>> = Vec::new();
    while let Some(at) = reader.places.get(schemas.len()) {
        let mut keywords = reader.keywords(document.value(*at))?;
        keywords.sort_by_key(Keyword::cost);
        schemas.push(keywords);
    }
    Ok((schemas, reader.patterns.list, reader.places))
}

/// A schema is short: it is read in one go.
fn document(text: &str) -> Result<Document<'static>, String> {
    at_once(|mut pace| async move { json::read(Cow::Owned(text.as_bytes().to_vec()), &mut pace).await })
}

/// Runs something that only the meter could make wait.
pub(super) fn at_once<T, F: Future<Output = Result<T, Misfit>>>(
    work: impl FnOnce(Pace<'static>) -> F,
) -> Result<T, String> {
    match work(Pace::unmetered()).now_or_never() {
        Some(Ok(done)) => Ok(done),
        Some(Err(Misfit::Value(message))) => Err(message),
        Some(Err(Misfit::Stopped(stop))) => Err(stop.to_string()),
        None => Err("it takes too long".to_owned()),
    }
}

/// The place of a value in a schema.
pub(super) fn shown(value: Value<'_>) -> String {
    at_once(|mut pace| async move { Ok(place::of(value, &mut pace).await?) }).unwrap_or_default()
}

fn check_depth(document: &Document<'_>) -> Result<(), String> {
    let mut ends: Vec<u32> = Vec::new();
    for value in document.values() {
        while ends.last().is_some_and(|end| *end <= value.at) {
            ends.pop();
        }
        if ends.len() > MAX_DEPTH {
            return Err(format!("a schema that is nested deeper than {MAX_DEPTH}"));
        }
        if matches!(value.kind(), Kind::Array | Kind::Object) {
            ends.push(value.end());
        }
    }
    Ok(())
}

/// What is known while a schema is read.
struct Reader<'d> {
    document: &'d Document<'static>,
    /// The schemas that have been met, by their places.
    ids: HashMap<u32, Id>,
    /// Their places, by their numbers.
    places: Vec<u32>,
    anchors: HashMap<&'d [u8], u32>,
    /// The parts with an identity of their own.
    apart: Vec<std::ops::Range<u32>>,
    patterns: Patterns,
}

impl Reader<'_> {
    /// The number of a schema, which is read in its turn.
    fn schema(&mut self, value: Value<'_>) -> Result<Id, String> {
        if !matches!(value.kind(), Kind::Bool | Kind::Object) {
            return Err(format!(
                "{}: a schema must be an object or a boolean",
                shown(value)
            ));
        }
        let next = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        Ok(*self.ids.entry(value.at).or_insert_with(|| {
            self.places.push(value.at);
            next
        }))
    }
}
