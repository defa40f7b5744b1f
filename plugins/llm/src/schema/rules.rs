//! The keywords that are known.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What a value has to be. Names and meaning are those of JSON Schema 2020-12.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Rules {
    #[serde(rename = "type")]
    pub(super) kinds: Option<Kinds>,
    #[serde(rename = "enum")]
    pub(super) one_of: Option<Vec<Value>>,
    #[serde(rename = "const", deserialize_with = "even_null")]
    pub(super) only: Option<Value>,
    pub(super) any_of: Option<Vec<Rules>>,
    pub(super) properties: BTreeMap<String, Rules>,
    pub(super) required: Vec<String>,
    pub(super) additional_properties: Option<Additional>,
    pub(super) items: Option<Box<Rules>>,
    pub(super) min_items: Option<usize>,
    pub(super) max_items: Option<usize>,
    pub(super) min_length: Option<usize>,
    pub(super) max_length: Option<usize>,
    pub(super) minimum: Option<f64>,
    pub(super) maximum: Option<f64>,
    pub(super) exclusive_minimum: Option<f64>,
    pub(super) exclusive_maximum: Option<f64>,
    // Words for the model, which ask for nothing.
    #[serde(rename = "$schema")]
    _schema: IgnoredAny,
    #[serde(rename = "$comment")]
    _comment: IgnoredAny,
    #[serde(rename = "title")]
    _title: IgnoredAny,
    #[serde(rename = "description")]
    _description: IgnoredAny,
    #[serde(rename = "default")]
    _default: IgnoredAny,
    #[serde(rename = "examples")]
    _examples: IgnoredAny,
}

/// One type or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Kinds {
    One(Kind),
    Some(Vec<Kind>),
}

impl Kinds {
    pub(super) fn all(&self) -> &[Kind] {
        match self {
            Self::One(kind) => std::slice::from_ref(kind),
            Self::Some(kinds) => kinds,
        }
    }
}

/// A type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Null,
    Boolean,
    Object,
    Array,
    Number,
    Integer,
    String,
}

/// What holds for properties that are not named.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Additional {
    Allowed(bool),
    Like(Box<Rules>),
}

/// `null` is a value that can be asked for.
fn even_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}
