//! Where references point: places in the same text, and nothing else.

use std::collections::HashMap;
use std::ops::Range;

use super::super::json::{Document, Kind, Value};
use super::super::keyword::Id;
use super::arguments::Argument;
use super::{Reader, shown};

impl<'d> Reader<'d> {
    /// The schema that a reference means.
    pub(super) fn reference(&mut self, argument: Argument<'_>) -> Result<Id, String> {
        let at = argument.value.at;
        let fault = |what: &str| format!("{}: {what}", shown(argument.value));
        let target = argument.text()?;
        let Some(fragment) = target.strip_prefix('#') else {
            return Err(fault("a schema that refers to the outside; put it under `$defs`"));
        };
        if self.apart.iter().any(|range| range.contains(&at)) {
            return Err(fault(
                "a reference beside or below an inner `$id`; take the `$id` away",
            ));
        }
        let fragment = decoded(fragment).ok_or_else(|| fault("a reference that cannot be read"))?;
        let found = match self.anchors.get(&*fragment) {
            Some(at) => Some(self.document.value(*at)),
            None => follow(self.document.root(), &fragment),
        };
        match found {
            Some(found) if matches!(found.kind(), Kind::Object | Kind::Bool) => self.schema(found),
            Some(_) => Err(fault("a reference to something that is no schema")),
            None => Err(fault("a reference to something that is not there")),
        }
    }
}

/// Follows a JSON Pointer.
fn follow<'d>(root: Value<'d>, pointer: &[u8]) -> Option<Value<'d>> {
    let mut steps = pointer.split(|byte| *byte == b'/');
    if !steps.next()?.is_empty() {
        return None;
    }
    steps.try_fold(root, |value, step| {
        let step = std::str::from_utf8(step)
            .ok()?
            .replace("~1", "/")
            .replace("~0", "~");
        match value.kind() {
            Kind::Object => value.find(step.as_bytes()),
            Kind::Array => value.items().nth(step.parse().ok()?),
            _ => None,
        }
    })
}

/// A fragment without its percent signs.
fn decoded(fragment: &str) -> Option<Vec<u8>> {
    let mut parts = fragment.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    Some(bytes)
}

/// The names that schemas have given themselves.
pub(super) fn anchors<'d>(document: &'d Document<'_>) -> Result<HashMap<&'d [u8], u32>, String> {
    let mut anchors = HashMap::new();
    for schema in document.values().filter(|value| value.kind() == Kind::Object) {
        let named = |key: &str| schema.find(key.as_bytes()).and_then(Value::text);
        let old = named("$id").and_then(|id| id.strip_prefix(b"#"));
        for name in [named("$anchor"), named("$dynamicAnchor"), old]
            .into_iter()
            .flatten()
        {
            if anchors
                .insert(name, schema.at)
                .is_some_and(|other| other != schema.at)
            {
                return Err(format!("{}: a name that another schema has", shown(schema)));
            }
        }
    }
    Ok(anchors)
}

/// The parts that have an identity of their own: references in them would
/// count from there.
pub(super) fn apart(document: &Document<'_>) -> Vec<Range<u32>> {
    let is_apart = |schema: &Value<'_>| {
        let id = schema.find(b"$id").and_then(Value::text);
        schema.at > 0 && id.is_some_and(|id| !id.starts_with(b"#"))
    };
    document
        .values()
        .filter(is_apart)
        .map(|schema| schema.at..schema.end())
        .collect()
}
