//! What stands after a keyword, as the keyword needs it.

use super::super::json::{Kind, Number, Value};
use super::super::keyword::{Count, Id};
use super::{Reader, shown};

/// A schema with one of its keywords and what stands there.
#[derive(Clone, Copy)]
pub(super) struct Argument<'d> {
    pub(super) keyword: &'d str,
    pub(super) value: Value<'d>,
}

impl<'d> Argument<'d> {
    /// A keyword that a schema has.
    pub(super) fn of(schema: Value<'d>, keyword: &'d str) -> Option<Self> {
        let value = schema.find(keyword.as_bytes())?;
        Some(Self { keyword, value })
    }

    pub(super) fn fault(self, must: &str) -> String {
        format!("{}: `{}` must be {must}", shown(self.value), self.keyword)
    }

    pub(super) fn number(self) -> Result<Number, String> {
        self.value.number().ok_or_else(|| self.fault("a number"))
    }

    pub(super) fn count(self) -> Result<u64, String> {
        let count = self.value.number().and_then(Number::as_count);
        count.ok_or_else(|| self.fault("a whole number, 0 or more"))
    }

    pub(super) fn bool(self) -> Result<bool, String> {
        self.value.bool().ok_or_else(|| self.fault("true or false"))
    }

    pub(super) fn text(self) -> Result<&'d str, String> {
        let text = self.value.text().and_then(|text| std::str::from_utf8(text).ok());
        text.ok_or_else(|| self.fault("a string"))
    }

    /// The items of a list.
    pub(super) fn list(self) -> Result<Vec<Value<'d>>, String> {
        match self.value.kind() {
            Kind::Array => Ok(self.value.items().collect()),
            _ => Err(self.fault("a list")),
        }
    }

    /// The places of the strings of a list.
    pub(super) fn names(self) -> Result<Vec<u32>, String> {
        let names = self.list()?;
        if names.iter().any(|name| name.kind() != Kind::Text) {
            return Err(self.fault("a list of strings"));
        }
        Ok(names.iter().map(|name| name.at).collect())
    }

    /// The keys of an object, sorted.
    pub(super) fn members(self) -> Result<Vec<Value<'d>>, String> {
        match self.value.kind() {
            Kind::Object => Ok(self.value.keys().collect()),
            _ => Err(self.fault("an object")),
        }
    }

    /// The schemas of a list that is not empty.
    pub(super) fn schemas(self, reader: &mut Reader<'_>) -> Result<Vec<Id>, String> {
        let schemas = self.list()?;
        if schemas.is_empty() {
            return Err(self.fault("a list of one schema or more"));
        }
        schemas.into_iter().map(|schema| reader.schema(schema)).collect()
    }
}

/// A least and a greatest number of something; none if neither is there.
pub(super) fn limits(schema: Value<'_>, least: &str, most: &str) -> Result<Option<Count>, String> {
    let bound = |keyword| Argument::of(schema, keyword).map(Argument::count).transpose();
    Ok(match (bound(least)?, bound(most)?) {
        (None, None) => None,
        (least, most) => Some(Count {
            least: least.unwrap_or(0),
            most: most.unwrap_or(u64::MAX),
        }),
    })
}
